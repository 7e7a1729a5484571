"""Parameter lists, good and bad."""

from pathlib import Path

import pytest

import gmpsai_assets
from gmpsai_assets.acnet.list_files import ParameterListError
from gmpsai_assets.acnet.parameter_lists import (
    Parameter,
    read_parameter_list,
    read_parameter_lists,
)

PACKAGED = Path(gmpsai_assets.__file__).parent / "parameter_lists"


def write(folder: Path, text: str, name: str = "List.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_two_columns_one_column_comments_and_blanks_are_read(tmp_path: Path) -> None:
    text = "\ufeff# the GMPS\r\n\r\nNuMI2 e:durl01  \r\n  B:VIMIN # minimum\r\nMLrn\tB|GMPSSC\n"
    found = read_parameter_list(write(tmp_path, text))
    assert found.name == "List"
    assert found.parameters == (
        Parameter("NuMI2", "E:DURL01"),
        Parameter("MLrn", "B:VIMIN"),
        Parameter("MLrn", "B|GMPSSC"),
    )
    assert found.nodes == ("NuMI2", "MLrn")
    assert found.nominal_rate_hz is None


def test_a_duplicate_is_kept_once_and_reported_with_both_lines(tmp_path: Path) -> None:
    found = read_parameter_list(write(tmp_path, "MLrn B:VIMIN\nB_VIMIN\n\nmlrn b:vimin\n"))
    assert len(found.parameters) == 2
    assert [str(each) for each in found.duplicates] == [
        "B:VIMIN on MLrn in line 4 is already in line 1"
    ]


def test_one_device_on_two_nodes_is_refused_with_both_places(tmp_path: Path) -> None:
    path = write(tmp_path, "MLrn B:VIMIN\n\nBackup b:vimin\n")
    with pytest.raises(ParameterListError) as caught:
        read_parameter_list(path)
    place = (
        f"{path}:3: B:VIMIN is on Backup here and on MLrn in line 1; a device belongs to one node"
    )
    assert str(caught.value).startswith(place)
    write(tmp_path, "MLrn B:VIMIN\n", "A.txt")
    other = write(tmp_path, "# of the backup\nBackup B:VIMIN\n", "List.txt")
    with pytest.raises(ParameterListError) as caught:
        read_parameter_lists(tmp_path)
    assert str(caught.value).startswith(
        f"{other}:2: B:VIMIN is on Backup here and on MLrn in {tmp_path / 'A.txt'}:1; "
    )


def test_a_node_is_written_as_where_it_is_named_first(tmp_path: Path) -> None:
    write(tmp_path, "MLrn B:VIMIN\nmlrn B:VIMAX\n", "A.txt")
    write(tmp_path, "MLRN B:IMINER\nNuMI2 E:DURL01\n", "B.txt")
    assert [each.nodes for each in read_parameter_lists(tmp_path)] == [
        ("MLrn",),
        ("MLrn", "NuMI2"),
    ]


def test_a_parameter_that_another_list_names_is_reported_with_both_places(tmp_path: Path) -> None:
    first = write(tmp_path, "MLrn B:VIMIN\n", "A.txt")
    second = write(tmp_path, "MLrn B:VIMAX\nmlrn B:VIMIN\n", "B.txt")
    third = write(tmp_path, "# rate: 1 Hz\nMLrn B:VIMIN\n", "C.txt")
    lists = read_parameter_lists(tmp_path)
    assert [[str(d) for d in each.duplicates] for each in lists] == [
        [],
        [f"B:VIMIN on MLrn in {second}:2 is already in {first}:1"],
        [
            f"B:VIMIN on MLrn in {third}:2 is already in {first}:1; "
            "its rate is 1.0 Hz here and 15.0 Hz there, which counts"
        ],
    ]


def test_a_range_is_a_parameter_for_each_element(tmp_path: Path) -> None:
    text = "Lina2 G:PIDKI[3]\nmlrn b:x[2:3] # two\nMLrn B:X\nMLrn B:X[0:3]\n"
    found = read_parameter_list(write(tmp_path, text))
    assert found.parameters == (
        Parameter("Lina2", "G:PIDKI[3]"),
        Parameter("mlrn", "B:X[2]"),
        Parameter("mlrn", "B:X[3]"),
        Parameter("mlrn", "B:X"),
        Parameter("mlrn", "B:X[0]"),
        Parameter("mlrn", "B:X[1]"),
    )
    assert [str(each) for each in found.duplicates] == [
        "B:X[2] on mlrn in line 4 is already in line 2",
        "B:X[3] on mlrn in line 4 is already in line 2",
    ]
    singly = "Lina2 G:PIDKI[3]\nMLrn B:X[2]\nB:X[3]\nB:X\nB:X[0]\nB:X[1]\n"
    assert read_parameter_list(write(tmp_path, singly, "b.txt")).parameters[3:] == (
        Parameter("MLrn", "B:X"),
        Parameter("MLrn", "B:X[0]"),
        Parameter("MLrn", "B:X[1]"),
    )


def test_elements_of_one_array_may_be_on_different_nodes_but_not_one_element(
    tmp_path: Path,
) -> None:
    found = read_parameter_list(write(tmp_path, "MLrn B:X[0:1]\nBstr B:X[2]\nBstr B:X\n"))
    assert found.nodes == ("MLrn", "Bstr")
    with pytest.raises(ParameterListError, match=r":2: B:X\[1\] is on Bstr here and on MLrn"):
        read_parameter_list(write(tmp_path, "MLrn B:X[0:3]\nBstr B:X[1]\n"))


@pytest.mark.parametrize(
    "line",
    [
        "MLrn B:X[0:65535]",
        "MLrn B:X[0:256]",
        "MLrn B:X[3:1]",
        "MLrn B:X[-1]",
        "MLrn B:X[]",
        "MLrn B:X[0:]",
        "MLrn B:X [3]",
        "B:X [3]",
        "MLrn B:X{0:4}",
        "MLrn B:VIMIN;set+B_VIMIN+99",
        "MLrn B:VIMIN+set",
        "B:VIMIN set",
        "MLrn",
        "MLrn B:VIMIN set",
        "ML/rn B:VIMIN",
        "MLrnMLrnX B:VIMIN",
        "MLrn #:VIMIN",
        "MLrn B:V\u2028IMIN",
    ],
)
def test_a_line_that_is_no_parameter_is_refused_with_file_and_line(
    tmp_path: Path, line: str
) -> None:
    path = write(tmp_path, f"# list\nMLrn B:VIMIN\n{line}\n")
    with pytest.raises(ParameterListError) as caught:
        read_parameter_list(path)
    assert str(caught.value).startswith(f"{path}:3: ")


@pytest.mark.parametrize(
    ("directive", "rate"),
    [("# rate: 15 Hz", 15), ("#Rate:1 hz", 1), ("# rate: 1/60 Hz", 1 / 60), ("# a rate", 15)],
)
def test_a_list_can_say_its_rate(tmp_path: Path, directive: str, rate: float) -> None:
    found = read_parameter_list(write(tmp_path, f"B:VIMIN\n{directive}\n"))
    assert found.nominal_rate_hz == pytest.approx(rate)


@pytest.mark.parametrize(
    "directive", ["# rate: fast", "# rate: 0 Hz", "# rate: 1/0 Hz", "# rate: 15"]
)
def test_a_rate_that_is_none_is_refused_with_its_line(tmp_path: Path, directive: str) -> None:
    with pytest.raises(ParameterListError, match=r"List\.txt:2: .*not a rate"):
        read_parameter_list(write(tmp_path, f"B:VIMIN\n{directive}\n"))


def test_two_rates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterListError, match=r":3: .*second rate"):
        read_parameter_list(write(tmp_path, "# rate: 15 Hz\nB:VIMIN\n# rate: 1 Hz\n"))


def test_a_list_without_a_rate_is_at_15_hz_only_if_all_its_devices_are_on_mlrn(
    tmp_path: Path,
) -> None:
    rates = {
        text: read_parameter_list(write(tmp_path, text)).nominal_rate_hz
        for text in ("B:VIMIN\n", "mlrn B:VIMIN\nB:VIMAX\n", "NuMI2 E:DURL01\n", "Bstr B:VIMIN\n")
    }
    assert list(rates.values()) == [15, 15, None, None]


def test_the_list_of_the_package_says_its_rate_itself() -> None:
    (shipped,) = read_parameter_lists(PACKAGED)
    assert shipped.nominal_rate_hz == 15
    assert "# rate: 15 Hz" in (PACKAGED / "ParamList.txt").read_text().splitlines()


def test_a_list_can_say_how_long_its_logger_keeps_data(tmp_path: Path) -> None:
    usual = read_parameter_list(write(tmp_path, "B:VIMIN\n"))
    short = read_parameter_list(write(tmp_path, "# kept: 2.5 days\nB:VIMIN\n"))
    assert (usual.kept_days, short.kept_days) == (10, 2.5)
    assert usual.digest == short.digest


@pytest.mark.parametrize("directive", ["# kept: long", "# kept: 0 days", "# kept: 10"])
def test_a_memory_that_is_none_is_refused_with_its_line(tmp_path: Path, directive: str) -> None:
    with pytest.raises(ParameterListError, match=r"List\.txt:2: .*not a number of days"):
        read_parameter_list(write(tmp_path, f"B:VIMIN\n{directive}\n"))


def test_the_digest_is_of_the_meaning(tmp_path: Path) -> None:
    plain = read_parameter_list(write(tmp_path, "MLrn B:VIMIN\nMLrn B_VIMIN\n", "a.txt"))
    same = read_parameter_list(
        write(tmp_path, "# x\nb:vimin # y\n\nB_VIMIN\nB_VIMIN\n# rate: 15 Hz\n", "b.txt")
    )
    assert plain.digest == same.digest
    turned = read_parameter_list(write(tmp_path, "B_VIMIN\nB:VIMIN\n", "c.txt"))
    slower = read_parameter_list(write(tmp_path, "# rate: 1 Hz\nB:VIMIN\nB_VIMIN\n", "d.txt"))
    assert len({plain.digest, turned.digest, slower.digest}) == 3


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"MLrn B:\xff\xfe\n"])
def test_a_list_without_a_parameter_or_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "List.txt"
    path.write_bytes(content)
    with pytest.raises(ParameterListError, match=r"List\.txt"):
        read_parameter_list(path)


def test_all_lists_of_a_folder_come_by_name(tmp_path: Path) -> None:
    write(tmp_path, "B:VIMIN\n", "b.txt")
    write(tmp_path, "B:VIMAX\n", "a.txt")
    write(tmp_path, "not a list", "notes.md")
    assert [each.name for each in read_parameter_lists(tmp_path)] == ["a", "b"]


def test_a_folder_without_lists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterListError, match="no parameter list"):
        read_parameter_lists(tmp_path)
