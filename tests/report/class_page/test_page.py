"""The class page: what stands on it, what it never does, and that it stays small."""

import base64
import dataclasses
import hashlib
import re
import shutil
import time
from pathlib import Path

import pytest

from autograder.accuracy import Accuracy, Figure, write_accuracy
from autograder.assignment.policy import network_digest
from autograder.grade.results import append_result
from autograder.graded_folder import read_class
from autograder.model import MapImages, Mark
from autograder.report.class_page.page import gallery, render_class_page, write_class_page
from autograder.report.class_records import ClassRecords, Entry
from autograder.report.thumbnails import Painter
from tests.needs import chromium
from tests.report.classes import HOSTILE, IMAGES, NAME, Page, check, drawn, entry, records, result

CHROMIUM = chromium()


def _page(**fields: object) -> str:
    """Return the page of a small class with something in every section."""
    marks = (Mark("ex1_written", None, 4.0), Mark("ex2_written", 3.0, 6.0))
    entries = (
        entry("ada", maps=[drawn(fidelity=0.5), drawn(title="Middle layer", layer=None, fidelity=None)], marks=marks),
        entry("bob", check(diagnosis="wrong_layer", detail="conv1", message="`deep_reps` is off."), marks=marks),
        entry("cleo", check(diagnosis="missing", detail="deep_reps"), status="timeout", message="Stopped after 600 s."),
        entry("dora", maps=[drawn(fidelity=0.75)]),
    )
    return render_class_page(records(*entries, **{"previous": (result("bob"), result("gone")), **fields}))


def test_the_class_is_told_in_numbers() -> None:
    """How many, the mean, and what waits for a person stand at the top."""
    text = Page(_page()).text
    assert "submissions 4" in text
    assert "mean of 4 points 2" in text
    assert "written answers to mark 2" in text
    assert "to look at 1" in text


def test_what_was_not_understood_is_listed() -> None:
    """Files that are nobody's stand among what needs a look, as text; where there are none, nothing is said."""
    page = _page(unclear=("Files: 1", f"  {HOSTILE}"))
    assert HOSTILE.split("\n")[0] in Page(page).text
    assert "<script>alert" not in page
    assert "not understood" not in Page(_page()).text


def test_the_foot_says_how_right_the_grader_is() -> None:
    """With its bounds; where nobody has measured it, nothing is said."""
    text = Page(_page(accuracy=Accuracy(Figure(66, 66), Figure(107, 108), Figure(104, 108)))).text
    assert "accepted 66 of 66 (95% bounds: 94.5% to 100.0%) right ones, caught 107 of 108" in text
    assert "named the mistake in 104 of 108 (95% bounds: 90.9% to 98.6%) of these. Made by" in text
    assert "measure the grader" not in Page(_page()).text


def test_the_accuracy_is_that_of_the_assignment_as_it_is(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class page takes it from beside the solved notebook, unless it is about another network or other layers."""
    name = "mapping_representations"
    shutil.copytree(root / "source" / name, tmp_path / "source" / name)
    out = tmp_path / "out"
    out.mkdir()
    append_result(out / "results.jsonl", dataclasses.replace(result("ada"), assignment=name))
    monkeypatch.chdir(tmp_path)
    assert read_class(out, None).accuracy is None
    figures = Figure(1, 1), Figure(2, 2), Figure(2, 2)
    for digest, shown in ((network_digest(Path("source", name)), True), ("another", False)):
        accuracy = Accuracy(*figures, digest=digest)
        write_accuracy(Path("solutions", name), accuracy)
        assert read_class(out, None).accuracy == (accuracy if shown else None)
    shutil.rmtree(tmp_path / "source")
    assert read_class(out, None).accuracy is None


def test_misconceptions_link_to_the_submissions() -> None:
    """A mistake is told with its check, how many made it, what they were told, and links to their pages."""
    page = _page()
    (mistake,) = re.findall(r'<details class="mistake">(?:(?!</details>).)*Wrong layer.*?</details>', page, re.DOTALL)
    assert 'href="feedback/bob.html"' in mistake
    assert "Exercise 2, activations: conv1" in Page(mistake).text
    assert "<code>deep_reps</code> is off." in mistake


def test_missing_answers_are_no_misconceptions() -> None:
    """What was not done stands apart, after what was misunderstood, however many it is."""
    page = _page()
    assert page.index("Wrong layer") < page.index("Missing answers") < page.index("<strong>Missing</strong>")


def test_what_was_never_begun_is_no_mistake() -> None:
    """Who left an exercise out is named under it, and counted neither as a mistake nor as a missing answer."""
    left_out = [check(name, "missing") for name in ("ex3_flatten", "ex3_plot")]
    page = render_class_page(records(entry("ada", check(), *left_out), entry("bob", *left_out), entry("cleo")))
    text = Page(page).text
    assert "None was found." in text
    assert "Missing answers" not in text
    assert "1 Exercise 3: not answered ada" in text
    assert "1 Nothing was answered bob" in text
    assert "Exercise 3, flatten 0 0 2 0 0 0 / 4" in text


def test_who_needs_a_look_is_told_with_the_reason() -> None:
    """A submission that was stopped is linked, with its message."""
    assert re.search(r'href="feedback/cleo.html".*Timeout: Stopped after 600 s\.', _page())


def test_equal_maps_are_worded_as_a_hint() -> None:
    """The page says itself that equal maps may have come about honestly."""
    twins = [entry("twin1", maps=[drawn("a", "x")]), entry("twin2", maps=[drawn("b", "x")])]
    text = Page(render_class_page(records(*twins))).text
    assert "a hint, no verdict" in text
    assert "may come from the same settings" in text
    assert "equal to another" not in Page(_page()).text


def test_changes_are_told() -> None:
    """Changed, new and gone students stand on the page; a first grading has no changes."""
    text = Page(_page()).text
    assert "1 changed, 3 new, 1 gone, 0 as before." in text
    assert "ex2_activations : passed → failed (wrong layer, conv1)" in text
    assert "This is the first grading." in Page(_page(previous=(result(assignment="other"),))).text


def test_formgrader_is_linked_with_the_way_to_start_it() -> None:
    """The link comes with the command that starts the server, in the folder of the results, quoted for a shell."""
    page = _page(folder="my class; rm -rf x")
    assert {"href": "http://localhost:8888/formgrader"} in Page(page).all("a")
    assert "cd &#39;my class; rm -rf x&#39;\njupyter notebook" in page
    assert "2 written answers of 4 wait for a person." in Page(page).text


def test_everything_marked_is_said() -> None:
    """When nothing is left, the page says so and does not ask for more."""
    text = Page(render_class_page(records(entry(marks=(Mark("ex1_written", 4.0, 4.0),))))).text
    assert "Every written answer is marked." in text
    assert "There are no written answers in the gradebook." in Page(render_class_page(records(entry()))).text


def test_the_truest_map_comes_first() -> None:
    """Maps are sorted by fidelity, each title's by themselves; those without a fidelity come last."""
    maps = [drawn(fidelity=fidelity) for fidelity in (0.25, None, 0.75, 0.0)]
    found = gallery(records(*[entry(f"s{number}", maps=[one]) for number, one in enumerate(maps)]), Painter(IMAGES, 20))
    assert [tile.entry.student for tile in found["Deep layer"]] == ["s2", "s0", "s3", "s1"]


def test_layers_are_counted_on_the_page() -> None:
    """The layers that were chosen stand with their numbers, values that are no layer's among them."""
    text = Page(_page()).text
    assert re.search(r"Deep layer 2 maps Layer Share Students dense 2", text)
    assert re.search(r"Middle layer 1 map Layer Share Students no layer's values 1", text)


@pytest.mark.parametrize(
    "where", ["student", "message", "detail", "remark", "title", "layer", "gone", "folder", "label"]
)
def test_hostile_text_is_text(where: str) -> None:
    """Whatever stands in any name or message makes no element and no attribute, and is shown."""
    one = check(
        diagnosis="wrong_layer",
        detail=HOSTILE if where == "detail" else None,
        message=f"`{HOSTILE}` {HOSTILE}" if where == "message" else None,
    )
    label = HOSTILE if where == "label" else "1"
    shown = records(
        entry(
            HOSTILE if where == "student" else "ada",
            one,
            maps=[drawn(layer=HOSTILE if where == "layer" else "dense", title=HOSTILE if where == "title" else "Deep")],
            message=HOSTILE if where == "remark" else None,
        ),
        previous=(result(HOSTILE if where == "gone" else "ada"),),
        folder=HOSTILE if where == "folder" else ".",
        images=MapImages((label,), ("",), (label,)),
    )
    # The address comes from the command line, percent-encoded; here it is as the factory made it.
    page = Page(render_class_page(shown))
    assert "script" not in {tag for tag, _ in page.elements}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert len(page.all("img")) == 1
    assert "49" not in page.text
    assert "<script>alert(1)</script>" in page.text


def test_nothing_is_loaded_and_nothing_runs() -> None:
    """The policy allows our own style and pictures that are in the page; no element asks for more."""
    html = _page()
    page = Page(html)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (one["content"] for one in page.all("meta") if one.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; script-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert {"script", "link", "iframe", "object", "form"}.isdisjoint(tag for tag, _ in page.elements)
    assert not any("style" in attributes for _, attributes in page.elements)
    assert all(str(image["src"]).startswith("data:image/png") for image in page.all("img"))
    assert not re.search(r"url\(|@import", style)


def test_tables_and_pictures_can_be_heard() -> None:
    """Tables have headings with a scope, drawings a description, pictures an alternative; anchors lead somewhere."""
    page = Page(_page())
    assert all(heading.get("scope") in ("col", "row") for heading in page.all("th"))
    assert all(drawing.get("aria-label") or drawing.get("aria-hidden") for drawing in page.all("svg"))
    assert all("alt" in image for image in page.all("img"))
    names = {str(attributes["id"]) for _, attributes in page.elements if "id" in attributes}
    anchors = {str(link["href"])[1:] for link in page.all("a") if str(link["href"]).startswith("#")}
    assert anchors
    assert anchors <= names


def test_a_student_without_a_page_is_not_linked() -> None:
    """A name stands alone where no feedback was written."""
    page = Page(render_class_page(ClassRecords(NAME, "Tiny", (Entry(result("ada")),))))
    assert "ada" in page.text
    assert [link["href"] for link in page.all("a") if "feedback" in str(link["href"])] == []


def test_a_submission_without_checks_has_a_page() -> None:
    """A class of which nothing could be read is shown too."""
    nothing = Entry(result("ada", status="unreadable", checks=(), score=0.0, max_score=0.0))
    assert "Unreadable." in Page(render_class_page(records(nothing))).text


def test_a_thousand_submissions_stay_small() -> None:
    """Two maps each for a thousand students make a page of less than six megabytes."""
    points = tuple((number % 37 / 37, number * 7 % 41 / 41) for number in range(1000))
    maps = [drawn(points=points), drawn(points=points, title="Middle layer")]
    mistake = check(diagnosis="wrong_layer", detail="conv1")
    html = render_class_page(records(*[entry(f"student number {n}", mistake, maps=maps) for n in range(1000)]))
    assert len(html) < 6_000_000
    assert len(Page(html).all("img")) == 2000


def test_a_name_that_is_no_text_is_written(tmp_path: Path) -> None:
    """Half a pair of surrogates, as JSON may hold it, stops nobody's page; no part of a file is left."""
    write_class_page(records(entry("a\ud800b")), tmp_path / "report.html")
    assert "a?b" in (tmp_path / "report.html").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.slow
@pytest.mark.needs("Chromium")
def test_a_thousand_submissions_open_in_two_seconds(tmp_path: Path) -> None:
    """In a real browser, the best of three openings: other work on the machine is not the page's."""
    from playwright.sync_api import sync_playwright

    points = tuple((number % 37 / 37, number * 7 % 41 / 41) for number in range(1000))
    maps = [drawn(points=points), drawn(title="Middle layer", points=points[::-1])]
    mistake = check(diagnosis="wrong_layer", detail="conv1", message="`deep_reps` is off, in a sentence or two.")
    path = tmp_path / "report.html"
    write_class_page(records(*[entry(f"student number {n}", mistake, maps=maps) for n in range(1000)]), path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        seconds = []
        for _ in range(3):
            page = browser.new_page()
            start = time.monotonic()
            page.goto(path.as_uri(), wait_until="load")
            seconds.append(time.monotonic() - start)
            page.close()
        browser.close()
    assert min(seconds) < 2
