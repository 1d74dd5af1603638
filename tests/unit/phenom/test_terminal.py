"""Tables and progress bars where the output is no terminal."""

import io

from phenom.terminal import print_table, progress_bar, progress_reader, track


def test_table_is_aligned_and_neither_wrapped_nor_cut(capsys):
    print_table(("NAME", "MS"), [("a", "7"), ("x" * 300, "1234")], right=("MS",))
    header, short, long = capsys.readouterr().out.splitlines()
    assert header.split() == ["NAME", "MS"]
    assert short.endswith("     7")
    assert long == "x" * 300 + "  1234"


def test_table_shows_markup_and_emoji_codes_as_they_are(capsys):
    print_table(("NAME",), [("[bold]a[/bold] :smile:",)])
    assert "[bold]a[/bold] :smile:" in capsys.readouterr().out


def test_only_the_last_state_of_a_bar_is_printed(capsys):
    assert list(track(["a", "b"], "Sending")) == ["a", "b"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("Sending") == 1
    assert "2/2" in captured.err


def test_transient_bar_prints_nothing(capsys):
    with progress_bar("Searching", None, transient=True) as bar:
        bar.advance()
    assert capsys.readouterr().err == ""


def test_reader_returns_the_content_and_may_be_rewound():
    with progress_reader(io.BytesIO(b"content"), "file", 7) as file:
        assert file.read() == b"content"
        file.seek(0)
        assert file.read(3) == b"con"
