"""Real messages with their real answers, at their real times: evaluation gives what the dates say."""
import pytest

from harness import proto
from harness.replay import Replay, exact, example, read, share

E = proto.evaluation


@pytest.mark.skipif(not example().exists(), reason="../shared/data/replies.csv is not there")
def test_evaluation_of_answers_at_their_real_dates():
    messages = read(example(), 60)
    with Replay(messages) as replay:
        replay.run()
        row = replay.row()
        delays = exact(messages)
        assert (row.figures.opened, sum(bucket.orders for bucket in row.days)) == (60, 60)
        for days in (5, 15, 30):
            assert share(row, days) == pytest.approx(sum(delay <= days for delay in delays) / 60)
        assert row.figures.in_time + row.figures.late == 60
        assert abs(row.days_p50 - delays[30]) < 3
        verified = replay.cell.call("operator", "Evaluation/VerifyFigures", E.VerifyFiguresRequest(district="370117"))
        assert not verified.differences
