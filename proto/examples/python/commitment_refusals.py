"""What is no commitment, and what is no draw: every wrong call, the reason that comes back, and that nothing has changed.

    python commitment_refusals.py --endpoint 127.0.0.1:50051 --token kb_… --form company.json --documents folder

Arguments and `clock` are as in commitment_loop.py. Where it prints `directory` it waits until the server has been started again
with other officers in its directory, and reads where it is now: `host:port`.
"""

import copy
import hashlib
import secrets
import sys

import grpc

import commitment_loop as loop
from commitment_loop import AUDITOR, MANAGER, OFFICER, TAX, struct, told
from kaiban.v1 import commitment_service_pb2 as commitments
from kaiban.v1 import common_pb2 as common
from kaiban.v1 import draw_service_pb2 as draws


def refused(what, call, standing):
    """A call that has to be refused: prints the reason with both sentences, and compares what stands before and after."""
    before = standing()
    try:
        call()
    except grpc.RpcError as error:
        reason, zh, en, places = loop.refusal(error)
    else:
        sys.exit(f"{what} was not refused")
    if standing() != before:
        sys.exit(f"{what}: {reason}, and something has changed")
    told(f"refused {reason} {what}: {zh} / {en}")
    for place, why in places:
        told(f"  {place} {why}")


def signatures(bank, counters, applicant, form):
    """Before, while and after somebody signs."""
    case_id = bank.submit(struct(form))
    counters.identify(applicant)

    def revision():
        return bank.look(case_id).revision

    # The office asks for the room; so the letter that the applicant has looked at is no longer the letter.
    early = applicant.signing(case_id, applicant.letter(case_id))
    vague = common.Finding(
        code="ROOM_MISSING", severity=common.SEVERITY_ERROR, pointer="/domicile/address",
        message=common.Text(zh="请写明房号。", en="Say which room."),
    )
    counters.domicile.do("domicile", "correct", findings=[vague])
    form = copy.deepcopy(form)
    form["domicile"]["address"] += "（东侧）"
    bank.resubmit(case_id, bank.look(case_id).corrections[0].id, struct(form))
    counters.look_up(known=False)
    good = applicant.signing(case_id, applicant.letter(case_id))

    refused("a clerk signs", lambda: bank.commitments.SignCommitment(good), revision)
    refused("a stale letter", lambda: applicant.sign(early), revision)
    refused("a name without the key's signature", lambda: applicant.sign(bare(good)), revision)
    another = hashlib.sha256("另一份承诺书".encode()).digest()
    over_another = commitments.CommitmentSignature(scheme="ed25519", value=applicant.key.sign(another))
    refused("a signature over another text", lambda: applicant.sign(with_fields(good, signature=over_another)), revision)
    someone = loop.Applicant(applicant.city, applicant.identity, applicant.name)
    by_another = someone.signature(applicant.letter(case_id))
    refused("another key's signature", lambda: applicant.sign(with_fields(good, signature=by_another)), revision)
    refused("somebody else's name", lambda: applicant.sign(with_fields(good, typed_name="李样例")), revision)

    applicant.sign(good)
    again = applicant.signing(case_id, applicant.letter(case_id))
    refused("a second signature", lambda: applicant.sign(again), revision)
    counters.register()
    # The check begins by itself, and is part of what stands.
    bank.watch(case_id, lambda case: loop.step(case, "domicile-check").sub_case and case.letters[-1].HasField("told_at"))
    refused("a signature after the decision", lambda: applicant.sign(again), revision)


def satisfied(bank, counters, applicant, form):
    """Shared data know the domicile: there is nothing left to promise."""
    form = copy.deepcopy(form)
    form["name"] = "福州榕辉信息技术有限公司"
    case_id = bank.submit(struct(form))
    counters.identify(applicant)
    counters.look_up(known=True)
    request = applicant.signing(case_id, applicant.letter(case_id))
    refused("a commitment for what is proved", lambda: applicant.sign(request), lambda: bank.look(case_id).revision)
    return bank.look(case_id).received_at


def draw_without_a_number(city, now):
    """A party that never shows its number stops the draw; it does not steer it. The next draw is without that party."""
    draw = loop.Draw(city)
    draw.announce(now)
    for party in (OFFICER, AUDITOR):
        draw.commit(party)
    draw.freeze()
    refused("another number", lambda: draw.reveal(OFFICER, secrets.token_hex(32)), draw.record)
    draw.reveal(OFFICER)
    refused("a result without all numbers", draw.hold, draw.record)
    loop.clock(draw.draw.reveal_by)
    void = draw.officer.GetDraw(draws.GetDrawRequest(id=draw.draw.id), timeout=loop.PATIENCE).draw
    told(f"{draws.DrawState.Name(void.state)} {draws.VoidCause.Name(void.void_cause)} {', '.join(void.void_parties)}")
    refused("a number that comes too late", lambda: draw.reveal(AUDITOR), draw.record)
    return void.ended_at


def draw_of_others(city, now, token):
    """Other officers than were announced: who checks could have been chosen after the numbers."""
    draw = loop.Draw(city)
    refused("nobody from outside the bureau", lambda: draw.announce(now, (OFFICER, MANAGER)), lambda: None)
    draw.announce(now, (OFFICER, TAX))
    for party in (OFFICER, TAX):
        draw.commit(party)
    print("directory", flush=True)
    draw.connect(loop.City(sys.stdin.readline().strip(), token))
    refused("a roster that changed after the commitments", draw.freeze, draw.record)


def bare(request):
    """Without the signature."""
    copied = with_fields(request)
    copied.ClearField("signature")
    return copied


def with_fields(request, **fields):
    """The same with other fields."""
    copied = commitments.SignCommitmentRequest()
    copied.CopyFrom(request)
    copied.MergeFrom(commitments.SignCommitmentRequest(**fields))
    return copied


def main():
    options = loop.arguments(__doc__)
    city, bank, counters, form, applicant = loop.begin(options)
    signatures(bank, counters, applicant, form)
    now = satisfied(bank, counters, applicant, form)
    draw_of_others(city, draw_without_a_number(city, now), options.token)


if __name__ == "__main__":
    main()
