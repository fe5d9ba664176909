"""Check the built pages as files: links, targets, pictures, outside addresses."""

import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

# What a browser fetches without being asked.
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
}
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect"}
SHORTEST_ALT = 20


def check_pages(html: Path) -> list[str]:
    """Return every problem of the built pages, one line each."""
    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.relative_to(html).parts
    }
    targets = {
        path: {tag.get("id") for tag in soup.find_all(id=True)}
        for path, soup in pages.items()
    }
    problems = []
    for path, soup in pages.items():
        name = path.relative_to(html)
        found = [
            *outside_requests(soup),
            *broken_links(path, soup, targets),
            *unreadable_pictures(soup),
            *raw_leftovers(soup),
        ]
        problems += [f"{name}: {problem}" for problem in found]
    return problems


def outside_requests(soup: BeautifulSoup) -> list[str]:
    """Addresses outside the book that a browser would fetch by itself."""
    addresses = [
        tag[attribute]
        for element, attribute in LOADED.items()
        for tag in soup.find_all(element)
        if tag.has_attr(attribute)
    ]
    addresses += [
        tag["href"]
        for tag in soup.find_all("link", href=True)
        if LOADED_LINKS & set(tag.get("rel", []))
    ]
    addresses += [
        word
        for tag in soup.find_all(["style", "script"])
        if not tag.has_attr("src")
        for word in re.findall(
            r"""(?:url\(|import\s|src\s*=)\s*["']?(https?:[^"')]+)""", tag.get_text()
        )
    ]
    return [
        f"loads {address} from outside the book"
        for address in addresses
        if urlsplit(address).scheme in {"http", "https"} or address.startswith("//")
    ]


def broken_links(path: Path, soup: BeautifulSoup, targets: dict) -> list[str]:
    """Links and sources within the book that lead nowhere."""
    problems = []
    for tag in soup.find_all(["a", "img", "script", "link"]):
        address = tag.get("href") or tag.get("src")
        if not address or address == "#":
            continue
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not goal.exists():
            problems.append(f"{address} does not exist")
        elif (
            parts.fragment
            and goal in targets
            and unquote(parts.fragment) not in targets[goal]
        ):
            problems.append(f"{address} names a place that does not exist")
    return problems


def unreadable_pictures(soup: BeautifulSoup) -> list[str]:
    """Pictures in the text without words for those who do not see them."""
    article = soup.find("article") or soup
    pictures = [(tag.get("src", "")[-40:], tag.get("alt")) for tag in article("img")]
    pictures += [
        ("drawn in the page", tag.get("aria-label"))
        for tag in article("svg")
        if not tag.find_parent("svg") and not is_hidden(tag)
    ]
    return [
        f"the picture {name} has no description (alt text)"
        for name, alt in pictures
        if len(alt or "") < SHORTEST_ALT or "/" in alt.split(" ")[0]
    ]


def is_hidden(tag) -> bool:
    """Whether a tag is hidden from those who listen to the page."""
    return any(t.get("aria-hidden") == "true" for t in [tag, *tag.parents])


def raw_leftovers(soup: BeautifulSoup) -> list[str]:
    """Signs of markup that was not understood."""
    article = soup.find("article") or soup
    for code in article.find_all(["pre", "code", "script", "style"]):
        code.extract()
    text = article.get_text()
    roles = r"\{(?:eq|ref|numref|cite\w*|doc|glue\w*|prf:ref)\}`|:math:|:::"
    formulas = r"\$[^$\n]*\\[a-zA-Z]+"
    marks = re.findall(f"{roles}|{formulas}", text)
    return [f"the markup {mark} was not understood" for mark in sorted(set(marks))]


if __name__ == "__main__":
    found = check_pages(Path(sys.argv[1]))
    print("\n".join(found) or "no problems")
    sys.exit(bool(found))
