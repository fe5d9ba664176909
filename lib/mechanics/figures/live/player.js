/* Live figures: draws what moves on top of the static pictures that Matplotlib made.

A figure is a specification written by mechanics.figures.live: numbers, and functions
printed from symbolic formulas. State, parameters and results are arrays of numbers:

  advance(z, number, c, t0, h, begin, steps, seed)  moves `number` states by `steps` steps
  f(z, t, c, out, x)                                evaluates formulas, results in `out`

Every formula that a view shows along the motion is a "column". The Record holds the
columns at equidistant times ("rows"); views draw from it. */
(() => {
  "use strict";
  if (window.mechanicsLive?.figures) return; // another output has brought the player

  const BUDGET = 12; // milliseconds of computing in a frame: smooth at 60 frames a second
  const ORBITS = 12; // whose dots a Poincaré section keeps
  const CURVES = [ // as in drawing.py
    ["vermillion", []],
    ["blue", [7, 3]],
    ["green", [7, 2, 1.5, 2]],
    ["purple", [1.5, 2]],
    ["orange", [10, 2]],
    ["sky", [4, 2]],
  ];
  let numbers = 0; // of input elements, which need names
  const curve = (i) => CURVES[i % CURVES.length];

  // Small helpers ------------------------------------------------------------------

  /** Make an element; children may be elements or HTML. */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    for (const child of children) {
      if (child instanceof Node) made.append(child);
      else made.insertAdjacentHTML("beforeend", child);
    }
    return made;
  }

  /** Write a number with three digits, or with a power of ten. */
  function format(x, digits = 3) {
    if (!Number.isFinite(x)) return "–";
    if (x === 0) return "0";
    let power = Math.floor(Math.log10(Math.abs(x)));
    if (power >= -3 && power < 5) {
      const decimals = Math.max(0, digits - 1 - power);
      return x.toFixed(decimals).replace("-", "−");
    }
    const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
    const raised = [...exponent.replace("+", "")].map((d) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(d)]);
    return `${mantissa.replace("-", "−")}·10${raised.join("")}`;
  }

  const asText = (html) => element("span", {}, html).textContent;

  const wrap = (x, period, low) =>
    period === null ? x : x - Math.floor((x - low) / period) * period;

  /** Segments of the curves f = level on a grid, by linear interpolation on its edges.

  Each cell of the grid is cut into two triangles, in which there is no ambiguity. */
  function contours(f, columns, rows, level) {
    const segments = [];
    const corner = (k) => [k % columns, Math.floor(k / columns)];
    const triangle = (...corners) => {
      const ends = [];
      for (let i = 0; i < 3; ++i) {
        const a = corners[i], b = corners[(i + 1) % 3];
        if (f[a] < level === f[b] < level) continue;
        const part = (level - f[a]) / (f[b] - f[a]);
        const [xa, ya] = corner(a), [xb, yb] = corner(b);
        ends.push(xa + part * (xb - xa), ya + part * (yb - ya));
      }
      if (ends.length === 4 && ends.every(Number.isFinite)) segments.push(ends);
    };
    for (let j = 0; j + 1 < rows; ++j) {
      for (let i = 0; i + 1 < columns; ++i) {
        const k = j * columns + i;
        triangle(k, k + 1, k + columns + 1);
        triangle(k, k + columns + 1, k + columns);
      }
    }
    return segments;
  }

  /** Energies that divide the grid into strips of equal area, as in views.py. */
  function contourLevels(values, number) {
    const sorted = values.filter(Number.isFinite).sort();
    return Array.from({length: number}, (_, k) =>
      sorted[Math.floor(((k + 0.5) / number) * sorted.length)]);
  }

  // The motion ----------------------------------------------------------------------

  /** What the views show, at equidistant times from the start on. */
  class Record {
    constructor(figure, z) {
      const {spec, dt} = figure;
      const steps = Math.max(1, Math.round(spec.duration / dt));
      this.figure = figure;
      this.every = spec.everyStep ? 1 : Math.max(1, Math.ceil(steps / spec.samples));
      this.window = Math.floor(steps / this.every) + 1; // rows that make the duration
      this.width = spec.width + z.length; // a row: the columns, then the state
      this.data = new Float64Array(2 * this.window * this.width);
      this.z = z.slice();
      this.before = z.slice(); // the state one step ago, for sections
      this.n = 0; // steps done
      this.first = 0; // number of the first row that is kept
      this.count = 0; // rows kept
      this.failure = ""; // why the motion cannot go on
      this.advance = spec.methods[figure.method].advance;
      this.keep();
      this.initial = this.data.slice(0, this.width);
    }

    get spacing() { return this.every * this.figure.dt; }
    get duration() { return (this.window - 1) * this.spacing; }
    get rows() { return this.first + this.count; } // up to now
    get end() { return (this.rows - 1) * this.spacing; }
    get oldest() { return Math.max(0, this.count - this.window); }

    at(row, column) { return this.data[row * this.width + column]; }

    /** Go on by one row. */
    extend() {
      const {c, dt, spec, sections} = this.figure;
      const looks = sections.length ? this.every : 1;
      let failed = -1;
      for (let look = 0; look < looks && failed < 0; ++look) {
        const steps = this.every / looks;
        this.before.set(this.z);
        failed = this.advance(this.z, 1, c, 0, dt, this.n, steps, spec.seed);
        this.n += steps;
        for (const view of sections) view.look(view.orbits.at(-1), this);
      }
      const time = format(this.n * dt);
      if (!this.z.every(Number.isFinite)) {
        this.failure = `The motion is not finite at t = ${time} and stops there. `
          + "Choose a smaller step, other parameters or another starting point.";
      } else if (failed >= 0) {
        this.failure = `The equation of the implicit step has no solution at t = ${time}. `
          + "Choose a smaller step, other parameters or another method.";
      } else this.keep();
    }

    /** Append the present state; forget the first half if there is no room. */
    keep() {
      if (this.count === 2 * this.window) {
        this.data.copyWithin(0, this.window * this.width);
        this.first += this.window;
        this.count = this.window;
      }
      const {spec, c, dt} = this.figure;
      const row = this.data.subarray(this.count * this.width);
      spec.observe(this.z, this.n * dt, c, row);
      row.set(this.z, spec.width);
      this.count += 1;
    }

    /** The row at a time; between two rows linearly, unless each step counts. */
    sample(time) {
      const place = Math.min(Math.max(0, time / this.spacing - this.first), this.count - 1);
      const k = Math.min(Math.floor(place + 1e-9), Math.max(0, this.count - 2));
      const part = this.figure.spec.everyStep ? Math.floor(place + 1e-9) - k : place - k;
      const next = Math.min(k + 1, this.count - 1);
      return Float64Array.from({length: this.width}, (_, j) =>
        this.at(k, j) + (part && part * (this.at(next, j) - this.at(k, j))));
    }
  }

  /** An ensemble that is carried along. */
  class Cloud {
    constructor(figure, spec) {
      Object.assign(this, {figure, spec, number: spec.number});
      this.begin(null);
    }

    /** Begin anew, displaced by as much as the reader has moved the starting point. */
    begin(displacement) {
      const {z, number} = this.spec;
      this.first = Float64Array.from(z, (x, k) =>
        x + (displacement?.[Math.floor(k / number)] ?? 0));
      this.reset();
    }

    reset() {
      this.z = this.first.slice();
      this.n = 0;
    }

    /** Bring it to a number of steps. */
    carry(n) {
      if (n < this.n) this.reset();
      const {spec, method, c, dt} = this.figure;
      const {advance} = spec.methods[method];
      if (n > this.n) advance(this.z, this.number, c, 0, dt, this.n, n - this.n, spec.seed);
      this.n = n;
    }

    /** Call `visit(x, y, i)` for the place of each member. */
    each(visit, z = this.z, n = this.n) {
      const {c, dt} = this.figure;
      const state = new Float64Array(z.length / this.number), out = [0, 0];
      for (let i = 0; i < this.number; ++i) {
        for (let j = 0; j < state.length; ++j) state[j] = z[j * this.number + i];
        this.spec.place(state, n * dt, c, out);
        visit(out[0], out[1], i);
      }
    }
  }

  // Views -----------------------------------------------------------------------------

  /** Two layers over the axes: `back` for curves, `front` for what changes in time. */
  class View {
    constructor(figure, spec, cell) {
      Object.assign(this, {figure, spec});
      const [left, top, width, height] = spec.box.map((part) => `${100 * part}%`);
      this.axes = element("div", {class: "live-axes"});
      Object.assign(this.axes.style, {left, top, width, height});
      [this.back, this.front] = [1, 2].map(() => {
        const canvas = element("canvas", {"aria-hidden": "true"});
        this.axes.append(canvas);
        return canvas.getContext("2d");
      });
      cell.append(this.axes);
      this.handles = (spec.handles ?? []).map((handle) => new Handle(this, handle));
      if (this.handles.length) this.takeClicks();
      this.stale = true; // the back layer must be drawn anew
    }

    /** Fit the layers to the size of the axes on the screen. */
    resize() {
      const {clientWidth: width, clientHeight: height} = this.axes;
      const ratio = window.devicePixelRatio || 1;
      Object.assign(this, {width, height, stale: true});
      for (const layer of [this.back, this.front]) {
        layer.canvas.width = Math.round(width * ratio);
        layer.canvas.height = Math.round(height * ratio);
        layer.setTransform(ratio, 0, 0, ratio, 0, 0);
      }
    }

    left(x) {
      const [low, high] = this.spec.xlim;
      return ((x - low) / (high - low)) * this.width;
    }

    top(y) {
      const [low, high] = this.spec.ylim;
      return (1 - (y - low) / (high - low)) * this.height;
    }

    /** The coordinates of a pointer. */
    place(event) {
      const box = this.axes.getBoundingClientRect();
      const {xlim: [x0, x1], ylim: [y0, y1]} = this.spec;
      return [
        x0 + ((event.clientX - box.left) / box.width) * (x1 - x0),
        y1 - ((event.clientY - box.top) / box.height) * (y1 - y0),
      ];
    }

    takeClicks() {
      this.axes.classList.add("takes-clicks");
      this.axes.addEventListener("click", (event) => {
        if (event.target !== this.axes) return;
        const [x, y] = this.place(event);
        const far = (h) => Math.hypot(this.left(h.x) - this.left(x), this.top(h.y) - this.top(y));
        const nearest = this.handles.reduce((a, b) => (far(b) < far(a) ? b : a));
        nearest.begin();
        nearest.move(x, y);
        nearest.say();
      });
    }

    clear(layer) { layer.clearRect(0, 0, this.width, this.height); }

    /** Draw the record's rows `from` to `to` of two columns as a curve. */
    path(layer, x, y, from, to, gap = [null, null]) {
      const {record} = this.figure;
      layer.beginPath();
      let lastX = NaN, lastY = NaN;
      for (let row = from; row < to; ++row) {
        const [a, b] = this.coordinates(record, row, x, y);
        const jump = (gap[0] !== null && Math.abs(a - lastX) > gap[0] / 2)
          || (gap[1] !== null && Math.abs(b - lastY) > gap[1] / 2);
        if (jump || !Number.isFinite(lastX + lastY)) layer.moveTo(this.left(a), this.top(b));
        else layer.lineTo(this.left(a), this.top(b));
        [lastX, lastY] = [a, b];
      }
      layer.stroke();
    }

    coordinates(record, row, x, y) { return [record.at(row, x), record.at(row, y)]; }

    pen(layer, i, width = 1.8) {
      const [name, dashes] = curve(i);
      layer.strokeStyle = layer.fillStyle = this.figure.colours[name];
      layer.lineWidth = width;
      layer.lineJoin = "round";
      layer.setLineDash(dashes);
      layer.globalAlpha = 1;
    }

    ink(layer, width = 1.8) {
      this.pen(layer, 0, width);
      layer.strokeStyle = layer.fillStyle = this.figure.colours.ink;
      layer.setLineDash([]);
    }

    disc(layer, x, y, radius) {
      layer.beginPath();
      layer.arc(this.left(x), this.top(y), radius, 0, 2 * Math.PI);
      layer.fill();
    }

    dot(layer, x, y, size = 2) {
      layer.fillRect(this.left(x) - size / 2, this.top(y) - size / 2, size, size);
    }

    /** The back layer has been drawn up to this row. */
    isCurrent() {
      const {record} = this.figure;
      const current = !this.stale && this.record === record && this.drawn === record.rows;
      [this.stale, this.record, this.drawn] = [false, record, record.rows];
      return current;
    }

    changed() { this.stale = true; } // parameters have changed
    restart() {} // the motion begins anew
    look() {} // after each step, if the view is a section
  }

  class Portrait extends View {
    constructor(...all) {
      super(...all);
      if (this.spec.cloud) this.cloud = new Cloud(this.figure, this.spec.cloud);
    }

    get gap() { return this.spec.wrap; }

    wrapped(x, y) {
      const {wrap: [px, py], xlim, ylim} = this.spec;
      return [wrap(x, px, xlim[0]), wrap(y, py, ylim[0])];
    }

    coordinates(record, row, x, y) { return this.wrapped(record.at(row, x), record.at(row, y)); }

    changed() {
      super.changed();
      this.levels = null;
    }

    restart() {
      this.stale = true;
      const {start, usualStart} = this.figure;
      this.cloud?.begin(this.spec.points ? null : start.map((x, j) => x - usualStart[j]));
    }

    draw(time) {
      const {spec, front} = this;
      if (spec.points) this.drawDots();
      else if (!this.isCurrent()) this.drawCurve();
      this.clear(front);
      if (this.cloud && !spec.points) {
        this.cloud.carry(Math.round(time / this.figure.dt));
        this.pen(front, 1);
        this.cloud.each((x, y) => this.dot(front, ...this.wrapped(x, y)));
      }
      const now = this.figure.now;
      this.ink(front);
      this.disc(front, ...this.wrapped(now[spec.x], now[spec.y]), 5);
    }

    drawCurve() {
      const {spec, back, figure: {record}} = this;
      this.clear(back);
      if (spec.contours) this.drawContours();
      if (this.cloud) {
        back.fillStyle = this.figure.colours.sky;
        this.cloud.each((x, y) => this.dot(back, ...this.wrapped(x, y)), this.cloud.first, 0);
      } else {
        this.pen(back, 0);
        this.path(back, spec.x, spec.y, record.oldest, record.count, this.gap);
      }
    }

    /** Dots stay where they are; only new ones are drawn. */
    drawDots() {
      const {spec, back, figure: {record}} = this;
      if (this.stale || this.record !== record || !(this.drawn >= record.first)) {
        this.clear(back);
        this.cloud?.reset();
        [this.drawn, this.carried] = [record.first, -1];
      }
      [this.stale, this.record] = [false, record];
      if (this.cloud) this.drawCloudsDots(record.rows - 1);
      this.pen(back, 0);
      for (; this.drawn < record.rows; ++this.drawn) {
        const [x, y] = this.coordinates(record, this.drawn - record.first, spec.x, spec.y);
        this.dot(back, x, y);
      }
    }

    drawCloudsDots(steps) {
      const end = performance.now() + BUDGET;
      while (this.carried < steps && performance.now() < end) {
        this.cloud.carry(++this.carried);
        this.cloud.each((x, y, i) => {
          this.back.fillStyle = this.figure.colours[curve(i + 1)[0]];
          this.dot(this.back, ...this.wrapped(x, y), 1.4);
        });
      }
      if (this.carried < steps) this.figure.request();
    }

    drawContours() {
      const {back} = this;
      const [columns, rows] = this.spec.contours.grid;
      this.levels ??= this.computeContours();
      this.pen(back, 1, 0.9);
      back.setLineDash([]);
      back.globalAlpha = 0.6;
      back.beginPath();
      const [dx, dy] = [this.width / (columns - 1), this.height / (rows - 1)];
      for (const [xa, ya, xb, yb] of this.levels) {
        back.moveTo(xa * dx, this.height - ya * dy);
        back.lineTo(xb * dx, this.height - yb * dy);
      }
      back.stroke();
    }

    computeContours() {
      const {contours: {energy, variables, levels, grid: [columns, rows]}, xlim, ylim} = this.spec;
      const values = new Float64Array(columns * rows), z = [0, 0], out = [0];
      for (let k = 0; k < values.length; ++k) {
        z[variables[0]] = xlim[0] + ((k % columns) / (columns - 1)) * (xlim[1] - xlim[0]);
        z[variables[1]] = ylim[0] + (Math.floor(k / columns) / (rows - 1)) * (ylim[1] - ylim[0]);
        values[k] = energy(z, 0, this.figure.c, out)[0];
      }
      return contourLevels(values, levels)
        .flatMap((level) => contours(values, columns, rows, level));
    }
  }

  class Series extends View {
    draw() {
      const {spec, back, front, figure: {record, now, time}} = this;
      if (!this.isCurrent()) {
        this.clear(back);
        spec.columns.forEach((column, i) => {
          this.pen(back, i);
          this.path(back, null, column, record.oldest, record.count);
        });
      }
      this.clear(front);
      spec.columns.forEach((column, i) => {
        this.pen(front, i);
        this.disc(front, time, now[column], 5);
      });
    }

    coordinates(record, row, _, column) {
      return [(record.first + row) * record.spacing, record.at(row, column)];
    }
  }

  class Motion extends View {
    draw(time) {
      const {spec, back, front, figure: {record, now}} = this;
      if (!this.isCurrent()) {
        this.clear(back);
        this.drawCurves();
        this.drawTrails(back, record.oldest, record.count, 1, 0.35);
      }
      this.clear(front);
      const row = Math.round(time / record.spacing) - record.first;
      const tail = Math.round(record.window / 12);
      if (time > 0) this.drawTrails(front, Math.max(0, row - tail), row + 1, 2.4, 0.9);
      const at = (i) => spec.points[i].map((column) => now[column]);
      this.ink(front, 2);
      front.beginPath();
      for (const ends of spec.lines) {
        const [[xa, ya], [xb, yb]] = ends.map(at);
        front.moveTo(this.left(xa), this.top(ya));
        front.lineTo(this.left(xb), this.top(yb));
      }
      front.stroke();
      let mass = 0;
      spec.points.forEach((_, i) => {
        if (spec.fixed[i]) this.ink(front);
        else this.pen(front, mass++);
        this.disc(front, ...at(i), spec.fixed[i] ? 3 : 7);
      });
      for (const handle of this.handles) handle.put(now[handle.spec.x], now[handle.spec.y]);
    }

    drawTrails(layer, from, to, width, alpha) {
      this.spec.trail.forEach((point, i) => {
        this.pen(layer, i, width);
        layer.globalAlpha = alpha;
        this.path(layer, ...this.spec.points[point], from, Math.min(to, this.figure.record.count));
      });
      layer.globalAlpha = 1;
    }

    drawCurves() {
      const {back, figure: {c, start}} = this, out = [0, 0], points = 200;
      this.ink(back, 1.2);
      for (const {place, range: [low, high]} of this.spec.curves ?? []) {
        back.beginPath();
        for (let k = 0; k <= points; ++k) {
          place(start, 0, c, out, [low + (k / points) * (high - low)]);
          back.lineTo(this.left(out[0]), this.top(out[1]));
        }
        back.stroke();
      }
    }
  }

  class Section extends View {
    /** New parameters make all dots wrong; the family of starts begins anew. */
    changed() {
      super.changed();
      const {figure, spec: {starts, handles: [handle] = []}} = this;
      this.orbits = []; // sent off by the reader
      this.begun = 0; // so many have been sent off, each in its colour
      this.family = starts.map((place, i) => {
        const z = figure.usualState();
        handle.values(z, 0, figure.c, [], place).forEach((x, k) => { z[handle.variables[k]] = x; });
        return {points: [], colour: curve(i + 1)[0], z, before: z.slice(), n: 0};
      });
    }

    /** Begin to collect; the orbit before stays if the reader has sent off another. */
    restart() {
      if (this.figure.keepOrbit && this.orbits.length) this.begun += 1;
      else this.orbits.pop();
      this.orbits.push({points: [], colour: curve(this.begun)[0]});
      if (this.orbits.length > ORBITS) this.orbits.shift();
      this.stale = true;
    }

    /** See whether a motion has crossed the surface in its last step. */
    look(orbit, {before, z, n}) {
      const {figure: {c, dt}, spec: {surface, direction}} = this;
      const out = [0, 0, 0];
      const f = surface(before, (n - 1) * dt, c, out)[0], g = surface(z, n * dt, c, out)[0];
      const up = f < 0 && g >= 0, down = f > 0 && g <= 0;
      if (!(direction === 1 ? up : direction === -1 ? down : up || down)) return;
      this.cross(before, z, n, f, g, out);
      orbit.points.push(out[1], out[2]);
    }

    /** Find the crossing on the cubic curve through both states with their rates.

    At the parts a and b of the step the surface's function is f and g; the method of
    Illinois brings them together. Without a vector field the curve is a straight line. */
    cross(before, after, n, f, g, out) {
      const {figure: {c, dt}, spec: {surface, field}} = this;
      const rates = field && [field(before, (n - 1) * dt, c, []), field(after, n * dt, c, [])];
      const state = (s) => before.map((x, j) => {
        const slope = after[j] - x;
        if (!rates) return x + s * slope;
        const left = dt * rates[0][j] - slope, right = slope - dt * rates[1][j];
        return x + s * slope + s * (1 - s) * ((1 - s) * left + s * right);
      });
      let a = 0, b = 1;
      for (let iteration = 0; iteration < 50 && g !== 0 && b !== a; ++iteration) {
        const s = (a * g - b * f) / (g - f);
        const at = surface(state(s), (n - 1 + s) * dt, c, out)[0];
        if (Math.sign(at) === Math.sign(g)) f /= 2;
        else [a, f] = [b, g];
        if (Math.abs(s - b) < 1e-12) break;
        [b, g] = [s, at];
      }
    }

    /** Follow the family of starts for the duration, a little in each frame. */
    followFamily() {
      const {figure: {c, dt, method, record, spec}} = this;
      const {advance} = spec.methods[method];
      const steps = (record.window - 1) * record.every, end = performance.now() + BUDGET / 2;
      for (const orbit of this.family) {
        while (orbit.n < steps && orbit.z.every(Number.isFinite)) {
          if (performance.now() > end) return this.figure.request();
          orbit.before.set(orbit.z);
          advance(orbit.z, 1, c, 0, dt, orbit.n, 1, spec.seed);
          orbit.n += 1;
          this.look(orbit, orbit);
        }
      }
    }

    draw() {
      this.followFamily();
      const {back} = this, orbits = [...this.family, ...this.orbits];
      if (this.stale) {
        this.clear(back);
        for (const orbit of orbits) orbit.drawn = 0;
        this.stale = false;
      }
      for (const orbit of orbits) {
        back.fillStyle = this.figure.colours[orbit.colour];
        for (; orbit.drawn < orbit.points.length; orbit.drawn += 2) {
          this.dot(back, orbit.points[orbit.drawn], orbit.points[orbit.drawn + 1]);
        }
      }
    }
  }

  class Graph extends View {
    draw(time) {
      const {spec, back, figure: {c, now}} = this;
      if (!this.stale && !spec.moving) return;
      this.stale = false;
      this.clear(back);
      const [low, high] = spec.range, state = now.subarray(this.figure.spec.width);
      const s = Array.from({length: spec.points}, (_, k) => low + (k / (spec.points - 1)) * (high - low));
      const values = s.map((at) => spec.curves(state, time, c, [], [at]));
      for (let i = 0; i < spec.number; ++i) {
        this.pen(back, i);
        if (spec.dots) {
          s.forEach((at, k) => this.disc(back, at, values[k][i], 3.5));
          continue;
        }
        back.beginPath();
        s.forEach((at, k) => {
          if (Number.isFinite(values[k][i])) back.lineTo(this.left(at), this.top(values[k][i]));
        });
        back.stroke();
      }
    }
  }

  const KINDS = {portrait: Portrait, series: Series, motion: Motion, section: Section, graph: Graph};

  /** A point that the reader moves with pointer or keys. */
  class Handle {
    constructor(view, spec) {
      Object.assign(this, {view, spec, x: 0, y: 0});
      this.names = spec.names.map(asText);
      this.element = element("div", {
        class: "live-handle", role: "application", tabindex: "0",
        "aria-roledescription": "point that can be moved",
      });
      view.axes.append(this.element);
      this.element.addEventListener("pointerdown", (event) => {
        this.element.setPointerCapture(event.pointerId);
        this.begin();
        view.figure.held = true;
      });
      this.element.addEventListener("pointermove", (event) => {
        if (this.element.hasPointerCapture(event.pointerId)) this.move(...view.place(event));
      });
      this.element.addEventListener("lostpointercapture", () => {
        view.figure.held = false;
        this.say();
      });
      this.element.addEventListener("focus", () => this.begin());
      this.element.addEventListener("keydown", (event) => this.key(event));
    }

    /** What follows is a new orbit, whose start may still change. */
    begin() { this.view.figure.keepOrbit = true; }

    key(event) {
      const {xlim, ylim} = this.view.spec;
      const part = event.shiftKey ? 0.1 : 0.01;
      const dx = part * (xlim[1] - xlim[0]), dy = part * (ylim[1] - ylim[0]);
      const moves = {ArrowLeft: [-dx, 0], ArrowRight: [dx, 0], ArrowDown: [0, -dy], ArrowUp: [0, dy]};
      if (event.key === " ") this.view.figure.toggle();
      else if (event.key in moves) {
        const [a, b] = moves[event.key];
        this.move(this.x + a, this.y + b);
        this.say();
      } else return;
      event.preventDefault();
    }

    move(x, y) { this.view.figure.drag(this, x, y); }

    /** Show the handle at a place. */
    put(x, y) {
      [this.x, this.y] = [x, y];
      const [a, b] = this.view.wrapped?.(x, y) ?? [x, y];
      const {style} = this.element;
      style.left = `${this.view.left(a)}px`;
      style.top = `${this.view.top(b)}px`;
      style.visibility = Number.isFinite(x + y) ? "visible" : "hidden";
      const name = this.spec.label || "Starting point";
      this.element.setAttribute("aria-label", `${name}: ${this.where()}. `
        + "Arrow keys move it, with Shift in larger steps; Space plays.");
    }

    where() {
      const {names, x, y} = this;
      return `${names[0]} = ${format(x)}, ${names[1]} = ${format(y)}`;
    }

    say() { this.view.figure.announce(this.where()); }
  }

  // Figures ---------------------------------------------------------------------------

  class Figure {
    constructor(root, spec) {
      Object.assign(this, {root, spec, playing: false, held: false, time: 0, visible: false, last: null});
      root.classList.add("is-live");
      root.dataset.lmSuppressShortcuts = "true"; // in JupyterLab the keys are ours
      this.drags = new Map(); // handles, and where the reader has put them
      const cells = root.querySelectorAll(".live-view");
      this.views = spec.views.map((view, i) => new KINDS[view.kind](this, view, cells[i]));
      this.sections = this.views.filter((view) => view instanceof Section);
      this.handles = this.views.flatMap((view) => view.handles);
      this.ends = spec.views.some((view) => view.kind === "series");
      this.buildPanel();
      this.reset();
      this.recolour();
      new ResizeObserver(() => this.resize()).observe(root);
      new IntersectionObserver(([entry]) => {
        this.visible = entry.isIntersecting;
        this.request();
      }, {rootMargin: "200px"}).observe(root);
    }

    // Controls

    buildPanel() {
      const {spec} = this;
      this.sliders = spec.sliders.map((slider) => this.buildSlider(slider));
      if (spec.moves) {
        const slider = {
          label: "time <i>t</i>", low: 0, high: spec.duration, value: 0,
          step: spec.duration / 500, digits: 2, place: null,
        };
        this.clock = this.buildSlider(slider);
      }
      const controls = [...this.sliders, this.clock].filter(Boolean).map((s) => s.element);
      const buttons = element("div", {class: "live-buttons"});
      if (spec.moves) {
        this.button = element("button", {type: "button"}, "Play");
        this.button.addEventListener("click", () => this.toggle());
        buttons.append(this.button);
      }
      const reset = element("button", {type: "button"}, "Reset");
      reset.addEventListener("click", () => this.reset());
      buttons.append(reset);
      if (spec.methods.length > 1) buttons.append(this.buildChoice());
      this.numbers = element("p", {class: "live-numbers"});
      this.message = element("p", {class: "live-message", role: "status"});
      this.announcement = element("p", {class: "live-announcement", role: "status"});
      this.root.append(element("div", {class: "live-panel"},
        element("div", {class: "live-controls"}, ...controls),
        buttons, this.numbers, this.message, this.announcement));
    }

    buildSlider(spec) {
      const id = `mechanics-live-${++numbers}`;
      const input = element("input",
        {type: "range", id, min: spec.low, max: spec.high, step: spec.step});
      const output = element("output", {for: id, "aria-live": "off"});
      const label = element("label", {for: id}, spec.label);
      const slider = {spec, element: element("div", {class: "live-slider"}, label, input, output)};
      slider.show = (value) => {
        input.value = value;
        output.textContent = value.toFixed(spec.digits).replace("-", "−");
        input.setAttribute("aria-valuetext", output.textContent);
      };
      input.addEventListener("input", () => {
        slider.show(Number(input.value));
        if (spec.place === null) this.goTo(Number(input.value));
        else this.set(spec.place, Number(input.value));
      });
      return slider;
    }

    buildChoice() {
      this.choice = element("select", {},
        ...this.spec.methods.map(({name}, i) => element("option", {value: i}, name)));
      this.choice.addEventListener("change", () => {
        this.method = Number(this.choice.value);
        this.restart();
      });
      return element("label", {}, "method ", this.choice);
    }

    // What the reader does

    reset() {
      const {spec} = this;
      this.c = Float64Array.from(spec.c);
      this.dt = spec.dt;
      this.method = 0;
      this.time = 0;
      if (this.choice) this.choice.value = 0;
      this.drags.clear();
      for (const slider of this.sliders) slider.show(slider.spec.value);
      this.pause();
      this.change();
    }

    /** Set a parameter, or with place -1 the step. */
    set(place, value) {
      if (place < 0) this.dt = value;
      else this.c[place] = value;
      for (const [variable, parameter] of this.spec.startSliders) {
        if (parameter !== place) continue;
        for (const handle of this.drags.keys()) {
          if (handle.spec.variables.includes(variable)) this.drags.delete(handle);
        }
      }
      this.change();
    }

    /** Parameters have changed. */
    change() {
      for (const view of this.views) view.changed();
      this.restart();
    }

    drag(handle, x, y) {
      const before = this.drags.get(handle);
      this.drags.delete(handle); // the last one that was moved acts last
      this.drags.set(handle, [x, y]);
      if (this.startingState()) return this.restart();
      if (before) this.drags.set(handle, before);
      else this.drags.delete(handle);
      this.message.textContent = "No state belongs to this point.";
    }

    toggle() {
      if (this.playing) return this.pause();
      const {record} = this;
      if ((record.failure || this.ends) && this.time >= record.end) this.time = 0;
      this.playing = true;
      this.last = null;
      this.button.textContent = "Pause";
      this.request();
    }

    pause() {
      this.playing = false;
      if (this.button) this.button.textContent = "Play";
    }

    goTo(time) {
      this.time = time;
      this.pause();
      this.request();
    }

    /** Tell a screen reader, once the reader's hand is at rest. */
    announce(text) {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => {
        this.announcement.textContent = `${text}. ${this.numbers.textContent}`;
      }, 600);
    }

    // The motion

    /** The state at the start where the reader has moved nothing. */
    usualState() {
      return this.spec.start([], 0, this.c, new Float64Array(this.spec.variables.length));
    }

    /** The state at the start, or null if the place of a handle belongs to none. */
    startingState() {
      const {c, drags} = this;
      this.usualStart = this.usualState();
      const z = this.usualStart.slice();
      for (const [handle, place] of drags) {
        const {variables, values} = handle.spec;
        const found = values(z, 0, c, [], place);
        if (!found.every(Number.isFinite)) return null;
        variables.forEach((j, k) => { z[j] = found[k]; });
      }
      return z;
    }

    restart() {
      let z = this.startingState();
      if (!z) { // new parameters, to which the place of a handle does not fit
        this.drags.clear();
        z = this.startingState();
      }
      this.start = z;
      if (!this.spec.still) this.time = 0;
      for (const view of this.views) view.restart();
      this.keepOrbit = false;
      this.record = new Record(this, z);
      for (const handle of this.handles) {
        handle.put(this.record.at(0, handle.spec.x), this.record.at(0, handle.spec.y));
      }
      for (const [variable, parameter] of this.spec.startSliders) {
        this.sliders.find((s) => s.spec.place === parameter).show(z[variable]);
      }
      this.message.textContent = "";
      this.request();
    }

    request() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame((now) => this.frame(now));
    }

    frame(now) {
      this.waiting = false;
      if (!this.visible || !this.root.isConnected) return;
      const passed = this.last === null ? 0 : Math.min(0.1, (now - this.last) / 1000);
      this.last = now;
      if (this.playing && !this.held) this.time += passed * this.spec.speed;
      this.fill();
      this.draw();
      if (this.playing || !this.complete) this.request();
    }

    /** Whether the record reaches as far as it should. */
    get complete() {
      const {record, ends, time} = this;
      return record.failure || record.rows >= record.window && (ends || record.end >= time);
    }

    /** Compute as much of the motion as one frame allows. */
    fill() {
      const {record} = this, end = performance.now() + BUDGET;
      while (!this.complete && performance.now() < end) record.extend();
      this.message.textContent = record.failure;
      if (this.time >= record.end) {
        this.time = record.end;
        if (record.failure || this.ends) this.pause();
      }
      this.now = record.sample(this.time);
    }

    draw() {
      for (const view of this.views) view.draw(this.time);
      this.clock?.show(this.time); // beyond the duration the slider stays at its end
      const shown = this.spec.readouts.map(({label, column, drift}) => {
        const value = this.now[column];
        if (!drift) return `${label}: ${format(value, 4)}`;
        const before = this.record.initial[column];
        return `${before ? "relative " : ""}${label}: ${format((value - before) / Math.abs(before || 1), 2)}`;
      });
      this.numbers.innerHTML = shown.map((text) => `<span>${text}</span>`).join(" ");
    }

    resize() {
      for (const view of this.views) view.resize();
      for (const handle of this.handles) handle.put(handle.x, handle.y);
      if (this.now) this.draw(); // at once: a new size has wiped the layers
    }

    /** Take the colours of the page's theme. */
    recolour() {
      const style = getComputedStyle(this.root);
      this.colours = {ink: style.color};
      for (const [name] of CURVES) this.colours[name] = style.getPropertyValue(`--live-${name}`);
      for (const view of this.views) view.stale = true;
      this.request();
    }
  }

  // Begin -----------------------------------------------------------------------------

  const figures = [];
  const push = ([root, spec]) => {
    const gone = figures.findIndex((figure) => !figure.root.isConnected); // a cell ran again
    if (gone >= 0) figures.splice(gone, 1);
    if (!root.classList.contains("is-live")) figures.push(new Figure(root, spec));
  };
  const before = window.mechanicsLive ?? [];
  window.mechanicsLive = {figures, push};
  before.forEach(push);
  const themes = new MutationObserver(() => figures.forEach((figure) => figure.recolour()));
  const watched = {attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"]};
  themes.observe(document.documentElement, watched);
  themes.observe(document.body, watched);
})();
