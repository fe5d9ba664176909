"""The GPU's kernels: they compile without a GPU, and their numbers are the others'.

Where no GPU is, the same sources run on the processor through the system's C compiler.
"""

import signal
import sys
import threading
import time
import types

import cuda_twin
import numpy as np
import pytest
import sympy as sp

from mechanics import models
from mechanics.numerics import (
    GAUSS_LEGENDRE_4,
    KAHAN_LI_8,
    RUNGE_KUTTA_4,
    STORMER_VERLET,
    Averages,
    BackendError,
    Crossings,
    Every,
    Extremes,
    FirstOrderSystem,
    Flow,
    IntegrationError,
    SplitSystem,
    available,
    gpu,
    integrate,
    palindrome,
    poisson_system,
)
from mechanics.numerics.compile import equations_of, parameter_values
from mechanics.numerics.ensemble import Control, Job, run_arrays, run_lanes
from mechanics.numerics.kernels.arrays import array_source, compile_arrays
from mechanics.numerics.kernels.threads import (
    CompilationError,
    compile_ptx,
    thread_source,
)
from mechanics.numerics.saving import as_save, watch
from mechanics.numerics.step import step_of
from mechanics.symbolic import (
    HamiltonianSystem,
    PoissonStructure,
    implicit_legendre,
    legendre,
)

# sine and cosine of two libraries differ in the last digit, and each of some hundred
# steps rounds a few times; none of the motions here is chaotic for so short a time
CLOSE = {"rtol": 1e-12, "atol": 1e-12}

x, y, p_x, p_y, tau, R = sp.symbols("x y p_x p_y tau R", real=True)
S = sp.symbols("S_x S_y S_z", real=True)
gamma, T = sp.symbols("gamma T", positive=True)

HENON_HEILES = legendre(models.henon_heiles())
PENDULUM = legendre(models.pendulum())
decay = sp.exp(-gamma * tau)
LANGEVIN = SplitSystem(
    {"q": (x,), "p": (p_x,)},
    {
        "A": Flow({x: x + tau * p_x}, tau),
        "B": Flow({p_x: p_x - tau * x**3}, tau),
        "O": Flow(
            {p_x: decay * p_x + sp.sqrt(T * (1 - decay**2)) * R}, tau, noise=(R,)
        ),
    },
    energy=p_x**2 / 2 + x**4 / 4,
    energy_is_constant=False,
)
SYSTEMS = {
    "pendulum": (PENDULUM, {"m": 1.3, "g": 9.8, "l": 0.6}),
    "henon_heiles": (HENON_HEILES, {}),
    "kepler": (
        HamiltonianSystem(
            (p_x**2 + p_y**2) / 2 - 1 / sp.sqrt(x**2 + y**2), (x, y), (p_x, p_y)
        ),
        {},
    ),
    "driven_pendulum": (legendre(models.driven_pendulum()), {"a": 0.7, "Omega": 1.9}),
    "double_pendulum": (
        implicit_legendre(models.double_pendulum()),
        {"m_1": 1.0, "m_2": 0.7, "l_1": 1.0, "l_2": 0.8, "g": 9.8},
    ),
    "spin": (poisson_system(PoissonStructure.spins(S), S[0] + S[2] ** 2), {}),
    "langevin": (LANGEVIN, {"gamma": 0.7, "T": 0.3}),
}
BAOAB = palindrome("B", "A", "O")
OBABO = palindrome("O", "B", "A")  # joins the noise of successive steps
EXPLICIT = (STORMER_VERLET, KAHAN_LI_8, RUNGE_KUTTA_4, GAUSS_LEGENDRE_4)
SEPARABLE = ("pendulum", "henon_heiles", "kepler", "driven_pendulum")
PAIRS = [(name, method) for name in SEPARABLE for method in EXPLICIT]
PAIRS += [
    (name, method)
    for name in ("double_pendulum", "spin")
    for method in (RUNGE_KUTTA_4, GAUSS_LEGENDRE_4)
]
PAIRS += [("langevin", BAOAB), ("langevin", OBABO)]
KINDS = ("every", "end", "averages", "extremes", "crossings")
# every method keeps one kind of thing, and one method of each system keeps the others
CASES = [(name, method, "extremes") for name, method in PAIRS]
CASES += [
    (name, next(method for pair, method in PAIRS if pair == name), kind)
    for name in SYSTEMS
    for kind in KINDS
    # a path with noise has no sections
    if kind != "extremes" and (name, kind) != ("langevin", "crossings")
]
LABELS = [f"{name}-{method.name}-{kind}" for name, method, kind in CASES]


def saves(system, every=4):
    """One choice of each kind, with functions of the system's first two variables."""
    equations = equations_of(system)
    a, b = list(equations.internal)[:2]
    clock = system.t if system.t is not None else 1
    return {
        "every": Every(every),
        "end": "end",
        "averages": Averages((a * b, sp.cos(a) * clock), every=every),
        "extremes": Extremes((a, b**2 + clock), every=every),
        "crossings": Crossings(a + b - sp.Rational(1, 2), limit=5),
    }


def job_of(system, params, method, save, *, steps=120, dt=0.02, z=None, seed=0):
    equations = equations_of(system)
    if z is None:
        z = np.random.default_rng(3).uniform(0.6, 0.9, (len(equations.state), 37))
        z[-2] *= -1  # no planet falls into the sun
    return Job(
        equations,
        step_of(method, equations),
        watch(as_save(save), equations, steps),
        z,
        tuple(parameter_values(equations.params, params)),
        0.4,
        dt,
        steps,
        seed,
    )


def source_of(job):
    varied = frozenset(j for j, c in enumerate(job.params) if np.ndim(c))
    return thread_source(job.equations, job.step, job.watch, varied)


def control_of(job):
    return Control(job.steps * job.z.shape[1], progress=False)


def run_on_arrays(job):
    return run_arrays(job, control_of(job))


def run_on_threads(job, **options):
    return gpu.run_threads(job, control_of(job), **options)


def assert_same(outcome, expected, **tolerance):
    for name in ("z", "out", "count", "failed", "reached"):
        one, other = getattr(outcome, name), getattr(expected, name)
        if tolerance:
            np.testing.assert_allclose(one, other, **tolerance, err_msg=name)
        else:
            np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("twins")


@pytest.fixture
def twin(folder, monkeypatch):
    """A stand-in for CuPy whose kernels run on the processor."""
    if cuda_twin.COMPILER is None:
        pytest.skip("no C compiler was found: the kernels were compiled but not run")
    stand_in = cuda_twin.TwinCuPy(folder)
    monkeypatch.setitem(sys.modules, "cupy", stand_in)
    return stand_in


@pytest.fixture(params=["twin", "gpu"])
def device(request):
    """The stand-in, and a GPU where there is one."""
    if request.param == "twin":
        request.getfixturevalue("twin")
    elif "cupy" not in available():
        pytest.skip("this machine has no GPU that CuPy can use")
    return request.param


# Compilation for GPUs, without one ----------------------------------------------------


@pytest.fixture(scope="module")
def nvrtc():
    pytest.importorskip("cuda.bindings.nvrtc", reason="NVIDIA's compiler is for Linux")


@pytest.mark.parametrize(("name", "method", "kind"), CASES, ids=LABELS)
def test_a_kernel_compiles_for_a_gpu_and_needs_no_header(nvrtc, name, method, kind):
    system, params = SYSTEMS[name]
    source = source_of(job_of(system, params, method, saves(system)[kind]))
    assert "#include" not in source
    assert b".entry kernel(" in compile_ptx(source, "sm_90")


@pytest.mark.parametrize("architecture", ["sm_70", "sm_80", "sm_90"])
@pytest.mark.parametrize("name", ["driven_pendulum", "kepler", "langevin", "spin"])
def test_a_kernel_compiles_for_each_generation_of_gpus(nvrtc, architecture, name):
    system, params = SYSTEMS[name]
    method = {"langevin": BAOAB, "spin": GAUSS_LEGENDRE_4}.get(name, STORMER_VERLET)
    ptx = compile_ptx(source_of(job_of(system, params, method, "end")), architecture)
    assert f".target {architecture}".encode() in ptx


def test_the_compiler_names_what_it_does_not_know(nvrtc):
    """The control of all compilations: a wrong source is refused."""
    source = source_of(job_of(*SYSTEMS["pendulum"], STORMER_VERLET, "end"))
    assert "sin(" in source
    with pytest.raises(CompilationError, match=r'identifier "sine" is undefined'):
        compile_ptx(source.replace("sin(", "sine("), "sm_90")
    with pytest.raises(CompilationError, match="gpu-architecture"):
        compile_ptx(source, "sm_1")


def test_contraction_is_a_choice(nvrtc):
    source = source_of(job_of(HENON_HEILES, {}, STORMER_VERLET, "end"))
    assert b"fma.rn.f64" in compile_ptx(source, "sm_90")
    assert b"fma.rn.f64" not in compile_ptx(source, "sm_90", contract=False)


# Numbers: the same as those of the other backends -------------------------------------


@pytest.mark.parametrize(("name", "method", "kind"), CASES, ids=LABELS)
def test_threads_compute_what_arrays_compute(device, name, method, kind):
    system, params = SYSTEMS[name]
    job = job_of(system, params, method, saves(system)[kind], seed=11)
    expected = run_on_arrays(job)
    assert np.all(expected.reached == job.steps)
    assert kind != "crossings" or expected.count.any()
    assert np.abs(expected.z - job.z).max() > 0.1
    assert_same(run_on_threads(job), expected, **CLOSE)


@pytest.mark.parametrize(
    ("method", "kind"),
    [*((method, "every") for method in EXPLICIT), (STORMER_VERLET, "crossings")],
    ids=lambda x: getattr(x, "name", x),
)
def test_without_contraction_polynomials_agree_to_the_last_bit(device, method, kind):
    job = job_of(HENON_HEILES, {}, method, saves(HENON_HEILES)[kind])
    assert_same(run_on_threads(job, contract=False), run_on_arrays(job))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("t0 + n * h", "t0 + (n + 1) * h"),
        ("tau = 1.0 * h", "tau = 0.5 * h"),
        ("begin / every + look", "looks - 1 - look"),
    ],
    ids=["clock", "joined kicks", "order of what is saved"],
)
def test_the_comparison_notices_a_wrong_kernel(twin, monkeypatch, right, wrong):
    """The control of the comparisons above."""
    system, params = SYSTEMS["driven_pendulum"]
    job = job_of(system, params, STORMER_VERLET, Every(4))
    source = source_of(job)
    assert source.count(right) == 1
    monkeypatch.setattr(gpu, "thread_source", lambda *_: source.replace(right, wrong))
    with pytest.raises(AssertionError):
        assert_same(run_on_threads(job), run_on_arrays(job), rtol=1e-4)


def test_threads_compute_what_lanes_compute(device):
    """Each has its own sine: a few units in the last place in each of 120 steps."""
    job = job_of(*SYSTEMS["pendulum"], GAUSS_LEGENDRE_4, "end")
    expected = run_lanes(job, control_of(job), threads=1)
    assert_same(run_on_threads(job), expected, **CLOSE)


def test_every_trajectory_has_its_own_parameters(device):
    strength = np.linspace(0.1, 2.0, 37)
    system, params = SYSTEMS["driven_pendulum"]
    for own in ({"a": strength}, {"Omega": strength}, dict.fromkeys(params, strength)):
        job = job_of(system, params | own, STORMER_VERLET, Extremes())
        assert_same(run_on_threads(job), run_on_arrays(job), **CLOSE)
    alone = job_of(system, {"a": strength[5], "Omega": strength[5]}, STORMER_VERLET,
                   "end", z=job.z[:, 5:6])  # fmt: skip
    together = run_on_threads(job).z[:, 5:6]
    np.testing.assert_allclose(together, run_on_threads(alone).z, rtol=1e-14)
    assert np.abs(np.diff(run_on_threads(job).z)).min() > 1e-6


def test_an_iteration_that_does_not_converge_is_reported_by_trajectory(device):
    """Stiff for some: the rate of the pendulum's iteration is proportional to g.

    None between, where rounding errors decide whether the last iteration is enough.
    """
    g = np.concatenate([np.geomspace(0.1, 50, 20), np.geomspace(400, 1000, 17)])
    own = {"m": 1.0, "l": 1.0, "g": g}
    job = job_of(PENDULUM, own, GAUSS_LEGENDRE_4, "end", steps=20, dt=0.2)
    expected = run_on_arrays(job)
    failed = expected.failed >= 0
    assert failed.any() and not failed.all()
    outcome = run_on_threads(job)
    np.testing.assert_array_equal(outcome.failed, expected.failed)
    np.testing.assert_allclose(outcome.z[:, ~failed], expected.z[:, ~failed], **CLOSE)


@pytest.mark.parametrize("backend", ["numpy", "numba", "cupy"])
@pytest.mark.parametrize(
    "rate", [sp.sqrt(-1 - x**2), sp.exp(900 * x)], ids=["no number", "infinite"]
)
def test_an_iteration_without_numbers_has_not_converged(device, backend, rate):
    """The largest of no numbers is zero for many a machine, and zero looks settled."""
    runaway = FirstOrderSystem((x,), (rate,))
    with pytest.raises(IntegrationError, match="did not converge at t = 0 "):
        integrate(runaway, np.ones((1, 3)), dt=0.1, steps=4, backend=backend,
                  method=GAUSS_LEGENDRE_4)  # fmt: skip


# Noise --------------------------------------------------------------------------------


def test_a_seed_gives_the_same_noise_on_every_machine(device):
    def job(seed):
        return job_of(*SYSTEMS["langevin"], BAOAB, Every(10), seed=seed)

    for seed in (0, 5, 2**63 + 12345):
        assert_same(run_on_threads(job(seed)), run_on_arrays(job(seed)), **CLOSE)
    # control: with another seed the motion is another
    assert np.abs(run_on_threads(job(0)).z - run_on_arrays(job(5)).z).min() > 1e-6


def test_noise_and_time_of_very_late_steps(twin, folder):
    """Step numbers beyond 32 bits, for which both words of the counter are needed."""
    job = job_of(*SYSTEMS["langevin"], BAOAB, "end", seed=2**40 + 3)
    number, begin, offset = job.z.shape[1], 2**33 + 5, 1000
    advance = compile_arrays(
        array_source(job.step, job.equations.state, job.equations.param_symbols)
    )
    expected = advance(
        list(job.z), job.params, job.t0, job.dt, begin, 9, job.seed,
        np.arange(offset, offset + number, dtype=np.uint64), np.full(number, -1),
    )  # fmt: skip
    kernel = twin.RawKernel(source_of(job), "kernel")
    z, failed = twin.asarray(job.z), twin.asarray(np.full(number, -1))
    nothing, uniform = twin.asarray(np.empty(0)), twin.asarray(np.array(job.params))
    kernel((1,), (64,), (
        z, nothing, uniform, failed, nothing, twin.asarray(np.zeros(number, int)),
        np.float64(job.t0), np.float64(job.dt),
        *map(np.int64, (begin, 1, 9, 0, number)), np.uint64(job.seed),
        np.int64(offset), np.int64(number),
    ))  # fmt: skip
    np.testing.assert_allclose(z.numbers, expected, **CLOSE)


def test_a_part_of_an_ensemble_has_the_noise_of_the_whole(device):
    job = job_of(*SYSTEMS["langevin"], BAOAB, Averages((x**2,)), seed=4)
    whole, part = run_on_threads(job), run_on_threads(job.part(9, 20))
    np.testing.assert_array_equal(part.z, whole.z[:, 9:20])
    np.testing.assert_array_equal(part.out, whole.out[..., 9:20])
    # control: trajectory 9 is not trajectory 0
    first = run_on_threads(job_of(*SYSTEMS["langevin"], BAOAB, "end", z=job.z[:, 9:20]))
    assert np.abs(first.z - part.z).min() > 1e-6


# Launches -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_in_many_launches(device, monkeypatch, kind):
    """Slices of time and groups of trajectories, none of which divides the whole."""
    monkeypatch.setattr(gpu, "SLICE_STEPS", 22)
    system, params = SYSTEMS["driven_pendulum"]
    job = job_of(system, params, STORMER_VERLET, saves(system)[kind])
    once = run_on_threads(job)
    assert_same(once, run_on_arrays(job), **CLOSE)
    monkeypatch.setattr(gpu, "RESIDENT", 1)
    monkeypatch.setattr(gpu, "WAVES", 5)
    assert_same(run_on_threads(job), once)


def test_each_launch_is_one_slice(twin, monkeypatch):
    monkeypatch.setattr(gpu, "SLICE_STEPS", 50)
    monkeypatch.setattr(gpu, "RESIDENT", 5)
    job = job_of(HENON_HEILES, {}, STORMER_VERLET, Every(20)).part(7, 37)
    with control_of(job) as control:
        control.advance = (done := []).append
        gpu.run_threads(job, control)
    cuts = ("begin", "looks", "every", "low", "high", "offset", "number")
    assert [tuple(map(int, map(launch.get, cuts))) for launch in twin.launches] == [
        (begin, 2, 20, *group, 7, 30)
        for begin in (0, 40, 80)
        for group in ((0, 20), (20, 30))
    ]
    assert sum(done) == job.steps * 30
    assert twin.options == ("--fmad=true",)


@pytest.fixture(params=[True, False], ids=["before NVRTC", "after NVRTC"])
def interruptible(request):
    """Whether a signal ends a wait; NVIDIA's compiler changes that for good."""
    signal.siginterrupt(signal.SIGINT, request.param)
    yield
    signal.siginterrupt(signal.SIGINT, True)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_keeps_what_was_done(twin, monkeypatch):
    monkeypatch.setattr(gpu, "SLICE_STEPS", 20)
    job = job_of(HENON_HEILES, {}, STORMER_VERLET, Every(10))
    control = control_of(job)

    def interrupt_the_third():
        if len(twin.launches) == 2:
            time.sleep(0.1)  # by now the main thread only waits
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            assert control.stopped.wait(10)

    twin.before_launch = interrupt_the_third
    outcome = gpu.run_threads(job, control)
    assert len(twin.launches) == 3
    expected = run_on_arrays(job)
    assert np.all(outcome.reached == 60)
    np.testing.assert_array_equal(outcome.out[:6], expected.out[:6])
    np.testing.assert_array_equal(outcome.z, expected.out[5])
    assert np.isnan(outcome.out[6:]).all()


def test_what_does_not_fit_says_how_much_it_needs(twin):
    twin.memory = 10**6
    job = job_of(HENON_HEILES, {}, STORMER_VERLET, Every(1), steps=1000)
    needed = 37 * 8 * (4 * 1001 + 2) / 1e9
    message = rf"needs {needed:.3g} GB .* of whose 0.002 GB 0.001 GB are free: save les"
    with pytest.raises(BackendError, match=message):
        run_on_threads(job)
    twin.memory = 10**8
    run_on_threads(job)


# The front door -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (3, 4)])
def test_integrate_returns_the_same_from_every_backend(device, shape):
    q0 = np.linspace(0.1, 0.3, 2 * int(np.prod(shape))).reshape(2, *shape)

    def run(backend):
        return integrate(HENON_HEILES, (q0, q0 / 2), dt=0.05, steps=60, save=20,
                         method=KAHAN_LI_8, backend=backend)  # fmt: skip

    ours, reference = run("cupy"), run("numpy")
    assert (ours.backend, reference.backend) == ("cupy", "numpy")
    assert ours.states.shape == reference.states.shape == (4, 4, *shape)
    np.testing.assert_allclose(ours.states, reference.states, **CLOSE)
    np.testing.assert_allclose(ours.energy, reference.energy, **CLOSE)


def test_a_section_is_refined_from_what_the_threads_kept(device):
    def run(backend):
        return integrate(PENDULUM, ([1.0], [0.0]), dt=0.05, steps=200, backend=backend,
                         params={"m": 1, "g": 1, "l": 1},
                         save=Crossings(PENDULUM.q[0], direction=1))  # fmt: skip

    ours, reference = run("cupy"), run("numpy")
    assert len(ours.t) == 1
    np.testing.assert_allclose(ours.t, reference.t, **CLOSE)


def without_gpu(error=None, count=0):
    """A CuPy that finds no GPU, as its own way of saying so may be."""
    runtime = types.SimpleNamespace(CUDARuntimeError=RuntimeError)

    def devices():
        if error:
            raise RuntimeError(error)
        return count

    runtime.getDeviceCount = devices
    return types.SimpleNamespace(cuda=types.SimpleNamespace(runtime=runtime))


@pytest.mark.parametrize(
    ("cupy", "message"),
    [
        (None, r"CuPy is not installed: pip install -r requirements-gpu.txt, or leave"),
        (without_gpu(), r"has no GPU: leave out backend='cupy'"),
        (without_gpu("driver too old"), r"\(driver too old\): see whether nvidia-smi"),
    ],
    ids=["no CuPy", "no GPU", "no driver"],
)
def test_a_backend_asked_for_and_missing_is_an_error(monkeypatch, cupy, message):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    assert available() == ("numpy", "numba")
    oscillator = ([0.1, 0.0], [0.0, 0.1])
    with pytest.raises(BackendError, match=message):
        integrate(HENON_HEILES, oscillator, dt=0.1, steps=10, backend="cupy")
    # control: nobody who does not ask for it notices
    integrate(HENON_HEILES, oscillator, dt=0.1, steps=10)


def test_a_broken_cupy_says_what_is_broken(monkeypatch, tmp_path):
    (tmp_path / "cupy.py").write_text("raise ImportError('libcudart is missing')")
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BackendError, match=r"imported .libcudart is missing.: pip in"):
        integrate(HENON_HEILES, ([0, 0], [0, 0]), dt=0.1, steps=1, backend="cupy")


# Formulas -----------------------------------------------------------------------------

FORMULAS = [
    sp.tan(x), sp.Abs(y), sp.sign(y) * x, sp.sign(x - y) / 3, sp.Max(x, y, 0),
    sp.Min(x, 2, y), sp.sqrt(x), x ** sp.Rational(-3, 2), 1 / sp.sqrt(1 + x**2),
    x ** sp.Rational(1, 3), x ** sp.Rational(5, 7), x**17, x**-3, (x + y) ** 3, 2**x,
    x * sp.Rational(1, 3), sp.Rational(-2, 7) + x, sp.pi * x, sp.E**y, x / sp.pi,
    sp.sqrt(2) * x, x * sp.log(2), sp.EulerGamma * x, x * sp.Float("0.1"), x * 10**19,
    sp.Piecewise((x, y > 0), (sp.sin(x), x < y), (2, True)),
    sp.Piecewise((1, sp.And(x > 0, sp.Ne(y, 0))), (0, True)) / 2,
    sp.Heaviside(y), sp.sinc(x), sp.Mod(x, 1), sp.floor(3 * x), sp.ceiling(3 * x),
    sp.atan2(y, x), sp.asin(x / 2), sp.acos(x / 2), sp.atan(y), sp.sinh(x), sp.cosh(x),
    sp.tanh(y), sp.asinh(y), sp.acosh(2 + x), sp.atanh(y / 4), sp.log(x), sp.exp(-x),
    sp.sec(x), sp.csc(x), sp.cot(x),
]  # fmt: skip


def test_formulas_compile_without_headers(nvrtc):
    still = FirstOrderSystem((x, y), (0, 0))
    job = job_of(still, {}, RUNGE_KUTTA_4, Averages(tuple(FORMULAS)))
    compile_ptx(source_of(job), "sm_80")


def test_formulas_have_the_values_that_numpy_gives_them(device):
    """Two libraries of functions: a few units in the last place."""
    still = FirstOrderSystem((x, y), (0, 0))
    z = np.array([[0.3, 1.2, 0.7], [0.9, -0.4, 0.0]])
    job = job_of(still, {}, RUNGE_KUTTA_4, Averages(tuple(FORMULAS)), steps=1, z=z)
    threads, arrays = run_on_threads(job).out[0], run_on_arrays(job).out[0]
    for formula, one, other in zip(FORMULAS, threads, arrays, strict=True):
        np.testing.assert_allclose(one, other, rtol=4e-15, atol=0, err_msg=str(formula))


def test_below_zero_a_cube_root_is_no_number_on_any_machine(device):
    still = FirstOrderSystem((x,), (0,))
    job = job_of(still, {}, RUNGE_KUTTA_4, Averages((x ** sp.Rational(1, 3),)), steps=1,
                 z=np.array([[-8.0, 8.0]]))  # fmt: skip
    for outcome in (run_on_threads(job), run_on_arrays(job)):
        np.testing.assert_allclose(outcome.out[0, 0], [np.nan, 2.0], rtol=1e-15)
