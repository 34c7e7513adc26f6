"""A promise instead of a document (证明事项告知承诺制), from the letter that is signed to the revocation of what it brought.

    python commitment_loop.py --endpoint 127.0.0.1:50051 --token kb_… --form company.json --documents folder

Plays everybody: a bank's terminal, the applicant, the agencies, the bureau's officer and its auditor. The token is of role
`security`, and gets each of them one. Business time is the server's: where it has to go on, this programme prints
`clock 2026-03-10T09:00:00+08:00` and waits for a line on standard input that says that it is so.

    1  the applicant reads the letter, checks its hash, and signs: name and Ed25519        class Applicant
    2  the business is registered, and what was promised begins to be checked
    3  a draw says who is visited, by whom; an independent programme holds it again        class Draw
    4  the promise is false: told, heard, decided
    5  the registration is revoked while agencies are at work
    6  who has broken a promise makes no other: the next case goes on with the document
"""

import argparse
import base64
import copy
import datetime
import hashlib
import json
import pathlib
import secrets
import subprocess
import sys
import tempfile
import uuid

import grpc
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf import duration_pb2, json_format, struct_pb2, timestamp_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import agency
import terminal
from kaiban.v1 import admin_service_pb2 as admin
from kaiban.v1 import case_service_pb2 as cases
from kaiban.v1 import certificate_pb2 as certificate
from kaiban.v1 import commitment_service_pb2 as commitments
from kaiban.v1 import common_pb2 as common
from kaiban.v1 import credit_service_pb2 as credit
from kaiban.v1 import draw_service_pb2 as draws
from kaiban.v1 import task_service_pb2 as tasks
from kaiban.v1 import (
    admin_service_pb2_grpc, case_service_pb2_grpc, commitment_service_pb2_grpc, credit_service_pb2_grpc,
    draw_service_pb2_grpc, task_service_pb2_grpc,
)

WORKFLOW, CERTIFICATE = "business-start", "domicile-use"
REGISTRAR = "market-regulation-350100"
OFFICER, AUDITOR, MANAGER = f"officer:{REGISTRAR}-1", "auditor:auditor-1", "manager:manager-1"
TAX = "agency:tax"
CHINA = datetime.timezone(datetime.timedelta(hours=8))
PATIENCE = 60  # seconds that a call may take, and that is waited for work to come


def fresh():
    """A request_id for something new. A programme that may be started again makes it from what it is about."""
    return str(uuid.uuid4())


def struct(value):
    """JSON as it travels."""
    return json_format.ParseDict(value, struct_pb2.Struct())


def instant(at, **later):
    """Some time after another, as it travels."""
    moved = timestamp_pb2.Timestamp()
    moved.FromMicroseconds(at.ToMicroseconds() + datetime.timedelta(**later) // datetime.timedelta(microseconds=1))
    return moved


def clock(at):
    """Waits until business time has come this far; whoever runs this programme sees to it."""
    print("clock", at.ToDatetime(CHINA).isoformat(), flush=True)
    if not sys.stdin.readline():
        sys.exit("nobody moves the clock")


def told(line):
    print(line, flush=True)


def refusal(error):
    """A call that was refused: its reason, the sentence in Chinese and in English, and the places with a code each."""
    reason, zh, places = error.code().name, "", []
    for detail in rpc_status.from_call(error).details:
        info, chinese, bad = (
            error_details_pb2.ErrorInfo(), error_details_pb2.LocalizedMessage(), error_details_pb2.BadRequest()
        )
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(chinese):
            zh = chinese.message
        elif detail.Unpack(bad):
            places = [(violation.field, violation.description) for violation in bad.field_violations]
    return reason, zh, error.details(), places


class City:
    """Connections for everybody, each with a token of its own."""

    def __init__(self, endpoint, security):
        self.endpoint = endpoint
        self.tokens = admin_service_pb2_grpc.AdminServiceStub(agency.connect(endpoint, security))

    def line(self, **scope):
        """A connection for somebody of the directory, or of the bureau."""
        issued = self.tokens.IssueToken(admin.IssueTokenRequest(label="commitments", **scope), timeout=PATIENCE)
        return agency.connect(self.endpoint, issued.secret)

    def bank(self):
        return Bank(self.line(role=admin.ROLE_TERMINAL, organisation="b01", outlet="b01-001"))

    def office(self, office):
        party = office.rsplit("-", 1)[0]
        return Office(office, self.line(role=admin.ROLE_AGENCY, organisation=party, offices=[office]))

    def officer(self):
        party = REGISTRAR.rsplit("-", 1)[0]
        return self.line(role=admin.ROLE_OFFICER, organisation=party, person=f"{REGISTRAR}-1")

    def auditor(self):
        return self.line(role=admin.ROLE_AUDITOR, organisation="bureau", person="auditor-1")

    def manager(self):
        return self.line(role=admin.ROLE_MANAGER, organisation="bureau", person="manager-1")

    def tax(self):
        return self.line(role=admin.ROLE_AGENCY, organisation="tax", offices=["tax-350100"])


class Bank(terminal.Terminal):
    """A terminal that follows its cases."""

    def __init__(self, channel):
        super().__init__(channel)
        self.commitments = commitment_service_pb2_grpc.CommitmentServiceStub(channel)

    def look(self, case_id):
        return self.cases.GetCase(cases.GetCaseRequest(id=case_id), timeout=PATIENCE).case

    def watch(self, case_id, wanted):
        """Follows a case until it is as it should be."""
        request = cases.WatchCasesRequest(id=case_id, view=cases.CASE_VIEW_FULL)
        changes = self.cases.WatchCases(request, timeout=PATIENCE)
        case = next(change.case for change in changes if wanted(change.case))
        changes.cancel()
        return case

    def certificate(self, case_id):
        """The one that a business start asks for: needed or not, what stands for it, who may promise."""
        request = commitments.ListCertificatesRequest(case_id=case_id)
        [only] = self.commitments.ListCertificates(request, timeout=PATIENCE).certificates
        return only


class Office:
    """An agency's office: takes tasks one by one, and says how each ended."""

    def __init__(self, office, channel):
        self.office = office
        self.tasks = task_service_pb2_grpc.TaskServiceStub(channel)
        self.admin = admin_service_pb2_grpc.AdminServiceStub(channel)

    def take(self, step):
        """The next task of a step, as soon as there is one."""
        request = tasks.ClaimTasksRequest(
            request_id=fresh(), office=self.office, steps=[step], max=1,
            lease=duration_pb2.Duration(seconds=3600), wait=duration_pb2.Duration(seconds=PATIENCE),
        )
        claimed = self.tasks.ClaimTasks(request, timeout=2 * PATIENCE).tasks
        if not claimed:
            sys.exit(f"{self.office} waits for `{step}` in vain")
        return claimed[0]

    def end(self, task, outcome, result=None, officer=None, second=None, reason="", findings=()):
        """How a task ended. With a reason it is adverse, and a second officer approves."""
        officer = officer or f"{self.office}-1"
        if reason and not second:
            second = next(other for other in (f"{self.office}-1", f"{self.office}-2") if other != officer)
        completion = tasks.TaskCompletion(
            request_id=f"{task.id}-{task.epoch}", task=tasks.TaskAddress(id=task.id), epoch=task.epoch,
            outcome=outcome, result=result and struct(result), findings=findings, reason=reason,
            officer=officer, approver=second or "",
        )
        [reply] = self.tasks.CompleteTasks(
            tasks.CompleteTasksRequest(completions=[completion]), timeout=PATIENCE
        ).replies
        return reply

    def do(self, step, outcome, result=None, **said):
        """Takes the next task of a step and ends it."""
        task = self.take(step)
        reply = self.end(task, outcome, result(task) if callable(result) else result, **said)
        if reply.WhichOneof("answer") == "error":
            sys.exit(f"{self.office}: {task.step}: {reply.error.reason} {reply.error.message.en}")
        return task

    def credential(self, case_id, person):
        """What the person gets whom this office has identified: good for one act, for half an hour."""
        request = admin.IssueApplicantCredentialRequest(case_id=case_id, person_key=person)
        return self.admin.IssueApplicantCredential(request, timeout=PATIENCE).secret


class Applicant:
    """A person with a key. Looking uses a credential up no more than a refusal does; signing does."""

    def __init__(self, city, identity, name, person="p1"):
        self.city, self.identity, self.name, self.person = city, identity, name, person
        self.key = ed25519.Ed25519PrivateKey.generate()

    def public_key(self):
        """What the identity office registers."""
        key = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"scheme": "ed25519", "public_key": base64.b64encode(key).decode()}

    def line(self, case_id):
        return agency.connect(self.city.endpoint, self.identity.credential(case_id, self.person))

    def letter(self, case_id, channel=None):
        """The letter as it would be signed now. Whoever has the text computes the hash: nothing is signed unseen."""
        service = commitment_service_pb2_grpc.CommitmentServiceStub(channel or self.line(case_id))
        request = commitments.PreviewCommitmentRequest(case_id=case_id, step=CERTIFICATE, person_key=self.person)
        letter = service.PreviewCommitment(request, timeout=PATIENCE)
        if hashlib.sha256(letter.text.encode()).hexdigest() != letter.text_sha256:
            sys.exit("the hash is not that of the text")
        return letter

    def signature(self, letter):
        """Over the 32 bytes of the hash."""
        value = self.key.sign(bytes.fromhex(letter.text_sha256))
        return commitments.CommitmentSignature(scheme="ed25519", value=value)

    def signing(self, case_id, letter):
        """The name, typed, and the signature where a key is registered."""
        signed = letter.signature_scheme == "ed25519"
        return commitments.SignCommitmentRequest(
            request_id=fresh(), case_id=case_id, step=CERTIFICATE, text_sha256=letter.text_sha256,
            typed_name=self.name, signature=self.signature(letter) if signed else None,
        )

    def sign(self, request, channel=None):
        service = commitment_service_pb2_grpc.CommitmentServiceStub(channel or self.line(request.case_id))
        return service.SignCommitment(request, timeout=PATIENCE).case


class Draw:
    """A draw among officers and auditors. Each party keeps a number, commits to it, and shows it after the pool is fixed: so
    nobody can steer the result, and everybody can hold the draw again."""

    def __init__(self, city):
        self.connect(city)
        self.numbers = {party: secrets.token_hex(32) for party in self.parties}
        self.kept = {}  # hashes as they were published, to compare the record with
        self.draw = None

    def connect(self, city):
        lines = {OFFICER: city.officer(), AUDITOR: city.auditor(), MANAGER: city.manager(), TAX: city.tax()}
        self.parties = {party: draw_service_pb2_grpc.DrawServiceStub(line) for party, line in lines.items()}
        self.officer = self.parties[OFFICER]

    def announce(self, now, parties=(OFFICER, AUDITOR)):
        request = draws.AnnounceDrawRequest(
            request_id=fresh(), pool="commitments", parties=parties, commit_by=instant(now, hours=1),
            reveal_by=instant(now, hours=2),
        )
        self.draw = self.officer.AnnounceDraw(request, timeout=PATIENCE).draw
        self.kept = {"announcement_sha256": self.draw.announcement_sha256}

    def commit(self, party):
        """The hash that binds a party to its number, for this draw alone (SAMPLER.md)."""
        parts = ["kaiban-draw/1", "commitment", self.draw.announcement_sha256, party, self.numbers[party]]
        digest = hashlib.sha256(b"\x1f".join(part.encode() for part in parts)).hexdigest()
        request = draws.CommitSeedRequest(request_id=fresh(), draw_id=self.draw.id, sha256=digest)
        self.parties[party].CommitSeed(request, timeout=PATIENCE)

    def freeze(self):
        request = draws.FreezeDrawRequest(request_id=fresh(), draw_id=self.draw.id)
        self.draw = self.officer.FreezeDraw(request, timeout=PATIENCE).draw
        self.kept["frozen_sha256"] = self.draw.frozen_sha256

    def reveal(self, party, number=None):
        reveal = number or self.numbers[party]
        request = draws.RevealSeedRequest(request_id=fresh(), draw_id=self.draw.id, reveal=reveal)
        self.parties[party].RevealSeed(request, timeout=PATIENCE)

    def hold(self):
        request = draws.HoldDrawRequest(request_id=fresh(), draw_id=self.draw.id)
        self.draw = self.officer.HoldDraw(request, timeout=PATIENCE).draw

    def record(self):
        """All that is published of it."""
        return self.officer.GetDraw(draws.GetDrawRequest(id=self.draw.id), timeout=PATIENCE).record

    def check(self, redraw):
        """Holds it again from the record, with a programme that knows nothing of the server."""
        record = json.loads(self.record())
        for name, sha256 in self.kept.items():
            if record[name] != sha256:
                sys.exit(f"the record has another {name} than was published")
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            file.write(self.record())
            file.flush()
            said = subprocess.run([sys.executable, redraw, file.name], stdout=subprocess.PIPE, text=True)
        if said.returncode:
            sys.exit(said.stdout)
        return said.stdout.strip(), record


def step(case, name):
    return next(step for step in case.steps if step.step == name)


def state(case, name):
    return common.StepState.Name(step(case, name).state)


class Counters:
    """The offices of the city that a business start needs here."""

    def __init__(self, city):
        self.identity = city.office("identity-350100")
        self.domicile = city.office("domicile-data-350100")
        self.registrar = city.office(REGISTRAR)
        self.seals = city.office("seal-carver-centre")
        self.tax = city.office("tax-350100")

    def identify(self, applicant):
        """Both persons of the form; the applicant's key is registered with the check."""
        for _ in range(2):
            self.identity.do("identity", "done", lambda task: {
                "verified": True, "method": "face", "checked_on": day(task),
                **({"signing_key": applicant.public_key()} if task.key == applicant.person else {}),
            })

    def look_up(self, known):
        """Whether the domicile is in shared data; where it is not, the document is asked for."""
        by = "shared-data" if known else "document"
        self.domicile.do("domicile", "done", lambda task: {
            "verified_by": by, "matches": known, "checked_on": day(task),
        })

    def register(self):
        return self.registrar.do("registration", "approve", lambda task: {
            "uscc": "91350100MA2XN0014K", "licence_number": "350100200012345", "issued_on": day(task),
            "legal_representative": task.shared["form"]["people"][0]["name"],
        })


def day(task):
    return task.offered_at.ToDatetime(CHINA).date().isoformat()


def promised_form(options):
    """The form without the number of the title: shared data do not know who may use the domicile."""
    form = json.loads(pathlib.Path(options.form).read_text(encoding="utf-8"))
    form["domicile"].pop("real_estate_number", None)
    return form


def sign_instead(bank, counters, applicant, form):
    """1  The applicant reads, checks and signs."""
    case_id = bank.submit(struct(form))
    counters.identify(applicant)
    counters.look_up(known=False)
    asked = bank.certificate(case_id)
    told(f"asked for: {asked.title.zh} ({asked.law}); {asked.why.zh}")
    told(f"may promise: {', '.join(person.person_key for person in asked.commitment.persons if person.allowed)}")
    letter = applicant.letter(case_id)
    told(f"{letter.title.zh}: {len(letter.text)} characters, SHA-256 {letter.text_sha256}")
    case = applicant.sign(applicant.signing(case_id, letter))
    told(f"signed: {CERTIFICATE} {state(case, CERTIFICATE)}")
    return case_id


def draw_and_check(city, counters, check_id, options):
    """3  The case that checks the promise waits for a draw, which says who is visited."""
    begun = counters.domicile.do("shared-data", "done", lambda task: {"found": "unknown", "checked_on": day(task)})
    # What came in before the draw is announced is drawn from.
    now = instant(begun.offered_at, minutes=30)
    clock(now)
    draw = Draw(city)
    draw.announce(now)
    for party in (OFFICER, AUDITOR):
        draw.commit(party)
    draw.freeze()
    for party in (OFFICER, AUDITOR):
        draw.reveal(party)
    draw.hold()
    said, record = draw.check(options.redraw)
    drawn = [item for item in record["end"]["held"]["drawn"] if item["item"].startswith(check_id)]
    told(f"draw: {said}; held again: the same; visited: {len(drawn)}")
    return drawn[0]["checkers"]


def find_false(counters, checkers):
    """4  The two who were drawn look, the party is told and has five working days to be heard, and only then it is decided:
    by somebody else than who registered the business."""
    other = f"{REGISTRAR}-2"
    counters.registrar.do("visit", "done", lambda task: {
        "found": "false", "facts": "该地址无此房号。", "visited_on": day(task),
    }, officer=checkers[0], second=checkers[1])
    intended = {"intended": "撤销设立登记，收缴营业执照。", "hearing": False}
    told_at = counters.registrar.do(
        "assessment", "suspected", intended, officer=other, reason="该地址无此房号，住所不真实。"
    ).offered_at
    counters.registrar.do("hearing", "done", {"statement": "waived"}, officer=other)
    clock(instant(told_at, days=8))
    counters.registrar.do("decision", "revoke", officer=other, reason="住所不真实，系虚假承诺。")


def revoked(bank, counters, case_id, in_hand):
    """5  Agencies are at work when it happens: what they hold is taken back, what they have finished they undo."""
    case = bank.watch(case_id, lambda case: state(case, "registration") == "STEP_STATE_WITHDRAWN")
    left = counters.tax.end(in_hand, "approve", {
        "authority": "福州市税务局第一税务分局", "taxpayer_kind": "small-scale", "confirmed_on": day(in_hand),
    })
    told(f"tax is too late: {left.error.reason} {left.error.message.zh}")
    clock_state = common.ClockState.Name(case.promise.state)
    told(f"promise clock: {clock_state}; not closed before all is undone: {cases.CaseState.Name(case.state)}")
    counters.seals.do("seal-return", "done")
    counters.registrar.do("licence-return", "done")
    case = bank.watch(case_id, lambda case: case.state == cases.CASE_STATE_CLOSED and case.letters[-1].HasField("told_at"))
    taken = [step.step for step in case.steps if step.state == common.STEP_STATE_WITHDRAWN]
    told(f"{case.outcome}, code {case.code}; taken back: {', '.join(taken)}")
    letter = next(letter for letter in case.letters if letter.letter == "revocation")
    told(f"{letter.title.zh} {letter.number}")
    return case


def remembered(city, case):
    """What was found false is on record by itself. A person is known by the case: nobody types a number."""
    service = credit_service_pb2_grpc.CreditServiceStub(city.officer())
    subject = credit.CreditSubject(case_person=credit.CasePerson(case_id=case.id, person_key="p1"))
    known = service.GetCredit(credit.GetCreditRequest(subject=subject), timeout=PATIENCE).credit
    told(f"on record, barred: {known.barred}")
    for sentence in known.explanation:
        told(f"  {sentence.zh}")


def next_time(bank, counters, applicant, form, paper):
    """6  No promise from who has broken one, and why; the document is as good as ever."""
    form = copy.deepcopy(form)
    form["name"] = "福州榕辉信息技术有限公司"
    case_id = bank.submit(struct(form))
    counters.identify(applicant)
    counters.look_up(known=False)
    letter = applicant.letter(case_id)
    try:
        applicant.sign(applicant.signing(case_id, letter))
        sys.exit("a broken promise counts for nothing")
    except grpc.RpcError as error:
        reason, zh, en, places = refusal(error)
        told(f"{reason}: {zh} / {en}")
        for place, why in places:
            told(f"  {place} {why}")
    for why in letter.exclusions:
        told(f"  {why.code}: {why.message.zh} / {why.message.en} ({why.help.zh})")
    form["domicile"]["proof"] = bank.upload(paper)
    asked = bank.certificate(case_id)
    bank.resubmit(case_id, asked.correction_id, struct(form))
    counters.register()
    proved = bank.certificate(case_id)
    told(f"{proved.title.zh}: {certificate.CertificateWay.Name(proved.way)}")


def arguments(about):
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="host:port")
    parser.add_argument("--token", required=True, help="kb_…, of role security")
    parser.add_argument("--form", required=True, help="a company's form, as JSON")
    parser.add_argument("--documents", required=True, type=pathlib.Path, help="the documents that it names; lease.pdf is one")
    redraw = pathlib.Path(__file__).resolve().parents[3] / "crates/kaiban-draw/tests/redraw.py"
    parser.add_argument("--redraw", default=redraw, help="the programme that holds a draw again")
    return parser.parse_args()


def begin(options):
    """Everybody is connected, and the bank has handed in what the form names."""
    city = City(options.endpoint, options.token)
    bank = city.bank()
    for path in sorted(options.documents.iterdir()):
        bank.upload(path)
    counters = Counters(city)
    form = promised_form(options)
    return city, bank, counters, form, Applicant(city, counters.identity, form["people"][0]["name"])


def main():
    options = arguments(__doc__)
    city, bank, counters, form, applicant = begin(options)
    case_id = sign_instead(bank, counters, applicant, form)
    # 2  Registered; seals are carved, the tax office is at work. The check begins by itself.
    counters.register()
    counters.seals.do("seal", "approve", lambda task: {
        "kinds": ["official", "finance", "invoice", "legal-representative"],
        "numbers": ["3501001234560", "3501001234561", "3501001234562", "3501001234563"],
        "paid_by": "city", "fee_fen": 36000, "electronic": True, "filed_on": day(task),
    })
    in_hand = counters.tax.take("tax-registration")
    check_id = step(bank.watch(case_id, lambda case: step(case, "domicile-check").sub_case), "domicile-check").sub_case
    checkers = draw_and_check(city, counters, check_id, options)
    find_false(counters, checkers)
    case = revoked(bank, counters, case_id, in_hand)
    remembered(city, case)
    next_time(bank, counters, applicant, form, options.documents / "lease.pdf")


if __name__ == "__main__":
    main()
