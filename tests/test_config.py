from pathlib import Path

import pytest
import yaml

from charrnn import config
from charrnn.config import resolve
from charrnn.errors import FileError, UsageError
from charrnn.settings import TrainConfig


def yaml_file(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_source_wins_over_the_one_before_it(tmp_path):
    file = yaml_file(tmp_path, "hidden: 11\nlayers: 3\nbatch: 12")
    resolved = resolve(
        {"preset": "race", "batch": 14},
        file,
        {"CHARRNN_LAYERS": "4", "CHARRNN_BATCH": "13", "HIDDEN": "99"},
    )
    assert resolved.validation_chars == 20_000  # from the preset, not the default
    assert resolved.hidden == 11  # the file wins over the preset
    assert resolved.layers == 4  # the environment wins over the file
    assert resolved.batch == 14  # a flag wins over all
    assert resolved.sequence == TrainConfig().sequence


def test_an_empty_environment_variable_sets_nothing():
    assert resolve({}, None, {"CHARRNN_HIDDEN": ""}) == TrainConfig()


def test_the_environment_can_choose_the_preset():
    assert resolve({}, None, {"CHARRNN_PRESET": "tiny"}) == resolve({"preset": "tiny"}, None, {})


def test_a_preset_is_what_is_to_be_spent_and_what_a_source_names_stands(tmp_path):
    file = yaml_file(tmp_path, "hidden: 11\nclip-norm: 2")
    effort = config.effort(
        {"preset": "medium", "batch": 14, "steps": None}, file, {"CHARRNN_SEED": "4"}
    )
    assert effort == ("medium", 7e13, {"hidden", "clip_norm", "batch", "seed"})
    assert config.effort({}, None, {}).preset == "small"
    assert config.effort({"preset": "auto"}, None, {}) == config.effort({}, None, {})


def test_a_preset_that_imitates_another_tool_leaves_nothing_to_be_chosen():
    effort = config.effort({"preset": "ancestor"}, None, {})
    assert effort.compute == 0
    assert {"hidden", "learning_rate", "weight_decay", "dropout", "batch"} < effort.given


def test_a_settings_reason_stands_beside_it_and_is_no_part_of_it():
    plain = config.to_yaml(TrainConfig(hidden=64))
    text = config.with_reasons(plain, {"hidden": "as many as fit"})
    assert "\nhidden: 64  # as many as fit\n" in text
    assert yaml.safe_load(text) == yaml.safe_load(plain)


@pytest.mark.parametrize("name", config.presets())
def test_every_preset_says_what_it_is_for(name):
    assert (config.PRESETS / f"{name}.yaml").read_text().startswith("# ")
    assert 10 < len(config.describe_preset(name)) < 70


def test_steps_are_not_cut_short_by_the_epochs_of_an_earlier_source(tmp_path):
    """An epoch is a step at least, so that as many epochs as steps end no run before them."""
    assert resolve({"preset": "ancestor", "steps": 20_000}, None, {}).epochs == 20_000
    assert resolve({"preset": "ancestor", "steps": 20}, None, {}).epochs == 50
    file = tmp_path / "a.yaml"
    file.write_text("epochs: 3\n")
    assert resolve({"steps": 400}, file, {}).epochs == 400
    assert resolve({"epochs": 3, "steps": 400}, None, {}).epochs == 3
    assert resolve({"epochs": 3}, file, {"CHARRNN_STEPS": "400"}).epochs == 3


def test_a_task_has_defaults_of_its_own_that_any_source_overrides():
    assert resolve({}, None, {}).backbone == "lstm"
    assert resolve({"task": "classify"}, None, {}).backbone == "gru"
    assert resolve({}, None, {"CHARRNN_TASK": "classify"}).backbone == "gru"
    assert resolve({"task": "classify", "preset": "ancestor"}, None, {}).backbone == "lstm"
    given = {"CHARRNN_BACKBONE": "vanilla"}
    assert resolve({"task": "classify"}, None, given).backbone == "vanilla"


def test_ancestor_is_char_rnn():
    """The defaults of char-rnn's train.lua, and what its code does besides."""
    ancestor = resolve({"preset": "ancestor"}, None, {})
    assert (ancestor.backbone, ancestor.layers, ancestor.hidden, ancestor.embedding) == (
        "lstm", 2, 128, 0,
    )  # fmt: skip
    assert (ancestor.batch, ancestor.sequence, ancestor.epochs) == (50, 50, 50)
    assert (ancestor.optimizer, ancestor.learning_rate, ancestor.rms_decay) == (
        "rmsprop", 0.002, 0.95,
    )  # fmt: skip
    assert (ancestor.schedule, ancestor.decay, ancestor.decay_every, ancestor.warmup) == (
        "step", 0.97, 1, 0,
    )  # fmt: skip
    assert (ancestor.clip_value, ancestor.clip_norm) == (5, 0)
    assert (ancestor.initialisation, ancestor.forget_bias) == ("uniform", 1)
    assert not any(
        (ancestor.dropout, ancestor.weight_decay, ancestor.average, ancestor.random_offsets)
    )
    assert ancestor.validation == 0.05


def test_the_defaults_are_the_default_preset_so_that_help_need_not_read_it():
    assert resolve({}, None, {}) == TrainConfig()


@pytest.mark.parametrize("name", config.presets())
def test_every_preset_resolves(name):
    assert isinstance(resolve({"preset": name}, None, {}), TrainConfig)


def test_an_unknown_preset_is_refused_with_the_known_ones():
    with pytest.raises(UsageError) as caught:
        resolve({"preset": "huge"}, None, {})
    assert caught.value.message == "'huge' is not a preset"
    assert caught.value.hint == "presets: auto, ancestor, large, medium, quality, race, small, tiny"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"tied": True}, "tied: embedding and hidden must be equal"),
        (
            {"tied": True, "embedding": 256, "all_layers": True},
            "tied: embedding and hidden must be equal",
        ),
        ({"embedding_dropout": 0.1, "embedding": 0}, "embedding_dropout: the input is one-hot"),
        ({"rising_momentum": True}, "rising_momentum: adamw has no momentum"),
        ({"loss_on": "first"}, "loss_on is 'first', but must be all, last or last-K"),
        ({"loss_on": "last-65"}, "loss_on is 'last-65', but must be all, last or last-K"),
        ({"loss_on": "last-0"}, "loss_on is 'last-0', but must be all, last or last-K"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(flags, said):
    with pytest.raises(UsageError) as caught:
        resolve(flags, None, {})
    assert caught.value.message.startswith(said)


def test_the_steps_that_are_learned():
    learned = [config.learned_steps(words, 64) for words in ("all", "last", "last-8")]
    assert learned == [64, 1, 8]


def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path):
    file = yaml_file(tmp_path, "hiden: 3")
    with pytest.raises(UsageError) as caught:
        resolve({}, file, {})
    assert caught.value.message == f"{file}: unknown key 'hiden'"
    assert caught.value.hint == "'hidden' is near"


def test_an_unknown_environment_variable_is_named():
    with pytest.raises(UsageError, match="the environment: unknown key 'lernin_rate'"):
        resolve({}, None, {"CHARRNN_LERNIN_RATE": "1"})


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"hidden": 0}, "hidden is 0, but must be at least 1"),
        ({"hidden": "many"}, "hidden is 'many', but must be a whole number"),
        ({"hidden": 2.5}, "hidden is 2.5, but must be a whole number"),
        ({"hidden": True}, "hidden is True, but must be a whole number"),
        ({"validation": 0.95}, "validation is 0.95, but must be at most 0.9"),
        ({"learning_rate": "nan"}, "learning-rate is nan, but must be a finite number"),
        (
            {"backbone": "transformer"},
            "backbone is 'transformer', but must be one of lstm, gru, vanilla",
        ),
        ({"bytes": "perhaps"}, "bytes is 'perhaps', but must be true or false"),
        ({"encoding": 8}, "encoding is 8, but must be text"),
        ({"validation": 1e-9}, "validation is 1e-09, but must be 0 or at least 0.0001"),
        ({"threads": 100_000}, "threads is 100000, but must be at most 256"),
        ({"corpus": []}, "corpus is [], but must be a list of names"),
    ],
)
def test_a_bad_value_is_refused_with_its_source(given, reason):
    with pytest.raises(UsageError) as caught:
        resolve(given, None, {})
    assert caught.value.message == f"--{reason}"
    assert reason in caught.value.message


def test_yaml_reads_rates_in_scientific_notation(tmp_path):
    file = yaml_file(tmp_path, "learning-rate: 2e-3")  # YAML 1.1 takes 2e-3 for a string
    assert resolve({}, file, {}).learning_rate == 0.002


def test_the_resolved_configuration_reads_back_to_itself(tmp_path):
    first = resolve({"corpus": ("a.txt", "b"), "embedding": 7, "bytes": True}, None, {})
    again = resolve({}, yaml_file(tmp_path, config.to_yaml(first)), {})
    assert again == first


@pytest.mark.parametrize("name", ["1e5", "0100", "1:30", "1_000", "null", "2020-01-01", "é\u202e"])
def test_a_text_that_looks_like_something_else_reads_back_to_itself(tmp_path, name):
    first = resolve({"corpus": (name,), "records": name}, None, {})
    assert resolve({}, yaml_file(tmp_path, config.to_yaml(first)), {}) == first


def test_numbers_are_decimal_and_nothing_else_is_a_number(tmp_path):
    assert resolve({}, yaml_file(tmp_path, "hidden: 0100"), {}).hidden == 100
    with pytest.raises(UsageError, match=r"minutes is '1:30', but must be a number"):
        resolve({}, yaml_file(tmp_path, "minutes: 1:30"), {})
    with pytest.raises(UsageError, match=r"hidden is '0x10', but must be a whole number"):
        resolve({}, yaml_file(tmp_path, "hidden: 0x10"), {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hidden: 64\nhidden: 128", "run.yaml, line 2, column 1: hidden is given twice"),
        ("clip-norm: 1\nclip_norm: 2", "line 2, column 1: clip_norm is given twice"),
        ("hidden: [1, 2", "run.yaml, line 1, column 14: it is not YAML from here on"),
        ("[" * 100_000, "run.yaml is nested too deep"),
        ("hidden: " + "9" * 5000, "line 1, column 9: too large a number"),
        ("hidden: !!python/object:os.system x", "it is not YAML from here on"),
        ("hidden: \0", "run.yaml is not YAML: it is not a text file"),
        ("- a list", "must hold keys and values"),
    ],
)
def test_what_is_no_list_of_settings_is_said_in_our_words(tmp_path, text, message):
    with pytest.raises(UsageError) as caught:
        resolve({}, yaml_file(tmp_path, text), {})
    assert message in caught.value.message


def test_a_large_file_is_not_read(tmp_path):
    with pytest.raises(FileError, match="has more than 1 MB, the most that can be read"):
        resolve({}, yaml_file(tmp_path, " " * 1_000_001), {})


def test_a_byte_order_mark_is_left_out(tmp_path):
    assert resolve({}, yaml_file(tmp_path, "\ufeffhidden: 5"), {}).hidden == 5


@pytest.mark.parametrize(
    "setting",
    ["learning_rate", "weight_decay", "forget_bias", "clip_value", "clip_norm", "minutes",
     "spectral_radius", "activation_penalty", "change_penalty", "decay_every", "dropout"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e300"])
def test_a_number_beyond_single_precision_is_refused_whatever_its_setting(setting, value):
    if (setting, value) == ("decay_every", "1e300"):
        return  # so many epochs are never
    with pytest.raises(UsageError, match=f"the environment: {setting} is {value}, but must be"):
        resolve({}, None, {f"CHARRNN_{setting.upper()}": value})


@pytest.mark.parametrize("text", ["[1, 2", "- a list"])
def test_a_file_without_keys_is_refused(tmp_path, text):
    with pytest.raises(UsageError, match=r"run\.yaml"):
        resolve({}, yaml_file(tmp_path, text), {})


def test_a_missing_file_is_named():
    with pytest.raises(FileError, match=r"nowhere\.yaml: No such file"):
        resolve({}, Path("nowhere.yaml"), {})


def test_minutes_and_steps_are_two_budgets_of_which_one_is_given():
    for other in ("steps", "epochs"):
        with pytest.raises(UsageError, match=f"--minutes and --{other} cannot be given together"):
            resolve({"minutes": 1.0, other: 9}, None, {})
    assert resolve({"minutes": 1.0, "steps": None}, None, {}).minutes == 1


def test_a_budget_takes_the_place_of_an_earlier_one(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("minutes: 0.5\n")
    assert resolve({}, file, {}).minutes == 0.5
    assert resolve({"steps": 50}, file, {}).minutes == 0
    assert resolve({}, file, {"CHARRNN_EPOCHS": "2"}).minutes == 0
    assert resolve({"minutes": 2}, file, {"CHARRNN_STEPS": "70"}).minutes == 2
