import pytest
import torch

from charrnn.training.schedules import ENDLESS, Schedule, steps_of


def test_the_rate_warms_up_then_falls_along_a_cosine():
    rate = Schedule("cosine", 1100, 100)
    assert rate.share(0) == 0.01
    assert rate.share(99) == 1
    assert rate.share(100) == 1
    assert rate.share(600) == pytest.approx((1 + 0.01) / 2)
    assert rate.share(1100) == pytest.approx(0.01)


def test_a_trapezoid_holds_its_peak_for_seven_tenths_then_falls_in_a_straight_line():
    rate = Schedule("trapezoid", 1000, 100)
    assert (rate.share(49), rate.share(99)) == (0.5, 1)
    assert {rate.share(step) for step in (100, 699, 700)} == {1}
    assert [rate.share(step) for step in (800, 900, 1000)] == pytest.approx([0.67, 0.34, 0.01])


def test_a_trapezoid_whose_end_is_fixed_when_it_falls_was_the_same_until_then():
    for falls in range(100, 3000, 7):
        endless = Schedule("trapezoid", ENDLESS, 10, warmup=10)
        fixed = Schedule("trapezoid", steps_of(falls), 10, warmup=10)
        steps = (0, 5, 9, 10, falls - 1, falls)
        assert [endless.share(step) for step in steps] == [fixed.share(step) for step in steps]
        assert fixed.share(falls + 2) < 1


def test_short_runs_warm_up_for_a_tenth():
    assert [Schedule("cosine", 20, 1).share(step) for step in range(3)] == [0.5, 1, 1]


def test_a_constant_rate_stays_at_its_peak():
    rate = Schedule("constant", 1000, 10, warmup=0)
    assert {rate.share(step, cuts=3) for step in (0, 1, 500, 999)} == {1.0}


def test_an_exponential_ends_at_its_share_and_is_half_way_at_the_root_of_it():
    rate = Schedule("exponential", 1000, 10, warmup=0, final=0.01)
    assert [rate.share(step) for step in (0, 500, 1000)] == pytest.approx([1, 0.1, 0.01])


def test_char_rnn_multiplies_by_0_97_after_each_epoch_from_the_tenth_on():
    # train.lua: at the end of epoch 10, and of each one after it.
    rate = Schedule("step", 500, 10, warmup=0, decay=0.97, every=1, after=9)
    shares = {epoch: rate.share(10 * (epoch - 1)) for epoch in (1, 10, 11, 12, 20)}
    expected = {1: 1, 10: 1, 11: 0.97, 12: 0.97**2, 20: 0.97**10}
    assert shares == pytest.approx(expected)


def test_torch_rnn_halves_every_five_epochs():
    rate = Schedule("step", 500, 10, warmup=0, decay=0.5, every=5)
    shares = [rate.share(10 * (epoch - 1)) for epoch in (1, 5, 6, 10, 11)]
    assert shares == [1, 1, 0.5, 0.5, 0.25]


def test_a_plateau_multiplies_at_each_cut():
    rate = Schedule("plateau", 500, 10, warmup=0, decay=0.3)
    assert [rate.share(400, cuts) for cuts in (0, 1, 2)] == pytest.approx([1, 0.3, 0.09])


def test_one_cycle_is_torchs_but_for_its_straight_rise():
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=101, div_factor=25, final_div_factor=4
    )
    rate, falling = Schedule("one-cycle", 100, 1, final=0.01), []
    for step in range(101):
        if step > 31:
            falling.append((rate.share(step), theirs.get_last_lr()[0]))
        optimizer.step()
        if step < 100:
            theirs.step()
    assert rate.share(0) == pytest.approx(1 / 25)
    assert rate.share(30) == pytest.approx(1)
    assert all(abs(ours - other) < 0.03 for ours, other in falling)
    assert rate.share(100) == pytest.approx(0.01)
