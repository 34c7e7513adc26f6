"""An agency's programme: takes the tasks of its offices, does them, says how each ended.

    python agency.py --endpoint 127.0.0.1:50051 --token kb_… --offices tax-350100,tax-350102

Put your own system in the place of `Agency.decide`. SIGTERM or Ctrl-C: it takes nothing new, finishes what it has in
hand, and ends.
"""

import argparse
import collections
import hashlib
import json
import queue
import signal
import sys
import threading
import time
import uuid
import zlib

import grpc
from google.protobuf import duration_pb2, json_format, struct_pb2, timestamp_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import results
from kaiban.v1 import common_pb2 as common
from kaiban.v1 import document_service_pb2 as documents
from kaiban.v1 import document_service_pb2_grpc, task_service_pb2_grpc, workflow_service_pb2_grpc
from kaiban.v1 import task_service_pb2 as tasks
from kaiban.v1 import workflow_service_pb2 as workflows


class Bearer(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor,
             grpc.StreamUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Puts `authorization: Bearer kb_…` on every call."""

    def __init__(self, token):
        self.token = ("authorization", "Bearer " + token)

    def put(self, call, details, request):
        return call(details._replace(metadata=[*(details.metadata or ()), self.token]), request)

    intercept_unary_unary = intercept_unary_stream = put
    intercept_stream_unary = intercept_stream_stream = put


def connect(endpoint, token, authority=None):
    """A channel that carries the token; with TLS where the certificate of its authority (PEM) is given."""
    if authority:
        channel = grpc.secure_channel(endpoint, grpc.ssl_channel_credentials(authority))
    else:
        channel = grpc.insecure_channel(endpoint)
    return grpc.intercept_channel(channel, Bearer(token))


# The call may or may not have been carried out: ask again with the same request_id. So do calls that were refused with
# a RetryInfo, such as BUSY.
AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}

# The task is somebody else's by now, or nobody's: let go of it.
GONE = {"STALE_EPOCH", "NO_OPEN_TASK", "CASE_CLOSED"}


def reason_of(error):
    """Why a call failed as a whole (google.rpc.ErrorInfo), and how long to wait (RetryInfo, seconds)."""
    reason, pause = error.code().name, None
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(retry):
            pause = retry.retry_delay.ToTimedelta().total_seconds()
    return reason, pause


class Agency:
    """One programme for some offices of a party."""

    def __init__(self, channel, options):
        self.tasks = task_service_pb2_grpc.TaskServiceStub(channel)
        self.workflows = workflow_service_pb2_grpc.WorkflowServiceStub(channel)
        self.documents = document_service_pb2_grpc.DocumentServiceStub(channel)
        self.options = options
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.in_hand = {}  # tasks being worked on, with the time to prolong their lease, by id
        self.deferred = set()
        self.packages = {}
        self.business_us = 0  # the latest business time that the server has told
        self.streams = []
        self.counts = collections.Counter()

    def call(self, method, request):
        """Calls until there is an answer. The request stays the same, and with it its request_id."""
        pause = 0.1
        while True:
            try:
                return method(request, timeout=60)
            except grpc.RpcError as error:
                reason, wanted = reason_of(error)
                # What is neither unclear nor asks for another try (RetryInfo) stays as it is, however often it is sent.
                if (error.code() not in AGAIN and wanted is None) or (self.stopping.is_set() and pause > 2):
                    raise
                self.count("asked again")
                time.sleep(wanted or pause)
                pause = min(2 * pause, 10)

    # --- taking tasks: two doors, the same rules ---

    def work_by_calls(self, office):
        """The door for programmes that poll: a claim waits for work, a batch says how it ended."""
        while not self.stopping.is_set():
            claim = tasks.ClaimTasksRequest(
                request_id=str(uuid.uuid4()), office=office, max=10,
                lease=duration_pb2.Duration(seconds=60), wait=duration_pb2.Duration(seconds=5),
            )
            claimed = self.call(self.tasks.ClaimTasks, claim).tasks
            for task in claimed:
                self.take(task)
            self.send([self.done(task) for task in claimed if self.still_mine(task)])

    def work_by_stream(self, office):
        """The door for programmes that stay connected: tasks come as they open, at most `window` in hand."""
        pause = 0.1
        while not self.stopping.is_set():
            say, unanswered, todo = queue.Queue(), {}, queue.Queue()
            self.streams.append(say)
            opening = tasks.OpenWork(office=office, window=10, lease=duration_pb2.Duration(seconds=60))
            say.put(tasks.WorkTasksRequest(open=opening))
            worker = threading.Thread(target=self.work_off, args=(todo, say, unanswered))
            worker.start()
            try:
                for heard in self.tasks.WorkTasks(iter(say.get, None)):
                    kind = heard.WhichOneof("message")
                    if kind == "task":
                        self.take(heard.task)
                        todo.put(heard.task)
                    elif kind == "taken":
                        self.in_hand.pop(heard.taken.task, None)
                    elif kind == "reply":
                        item = unanswered.pop(heard.reply.request_id, None)
                        if item and self.again(item, heard.reply):
                            self.say(item, say, unanswered)
                    pause = 0.1
            except grpc.RpcError as error:
                reason, wanted = reason_of(error)
                if error.code() not in AGAIN and wanted is None:
                    raise
                self.count("stream broke")
                time.sleep(wanted or pause)
                pause = min(2 * pause, 10)
            finally:
                self.streams.remove(say)
                todo.put(None)
                worker.join()
                say.put(None)
            # What was said and not answered may or may not have been carried out. The other door knows.
            self.send(list(unanswered.values()))

    def work_off(self, todo, say, unanswered):
        """Does what a stream brought."""
        for task in iter(todo.get, None):
            if self.still_mine(task):
                self.say(self.done(task), say, unanswered)

    def say(self, item, say, unanswered):
        """Says on a stream how a task ended."""
        unanswered[item.request_id] = item
        field = {tasks.TaskCompletion: "complete", tasks.TaskDeferral: "defer", tasks.TaskFailure: "fail"}[type(item)]
        say.put(tasks.WorkTasksRequest(**{field: item}))

    # --- saying how they ended ---

    def send(self, items):
        """Says through calls how tasks ended; each item is answered by itself."""
        while items:
            replies = []
            for kind, method, request, field in (
                (tasks.TaskCompletion, self.tasks.CompleteTasks, tasks.CompleteTasksRequest, "completions"),
                (tasks.TaskDeferral, self.tasks.DeferTasks, tasks.DeferTasksRequest, "deferrals"),
                (tasks.TaskFailure, self.tasks.FailTasks, tasks.FailTasksRequest, "failures"),
            ):
                batch = [item for item in items if isinstance(item, kind)]
                if batch:
                    replies += self.call(method, request(**{field: batch})).replies
            asked = {item.request_id: item for item in items}
            items = [asked[reply.request_id] for reply in replies if self.again(asked[reply.request_id], reply)]

    def again(self, item, reply):
        """Reads the answer to an item; whether to send the item again, just as it is."""
        if reply.WhichOneof("answer") == "receipt":
            self.business_us = max(self.business_us, reply.receipt.at.ToMicroseconds())
            self.count(type(item).__name__)
            return False
        error = reply.error
        if error.code in (grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], grpc.StatusCode.UNAVAILABLE.value[0]):
            self.count("asked again")
            time.sleep(0.2)
            return True
        if error.reason in GONE:
            self.count("too late")
        elif error.reason == "REQUEST_ID_REUSED":
            # Before it was started again, this programme decided otherwise, and that stands.
            self.count("decided before")
        else:
            # Our own fault: people have to look. Until then the task is not ours to hold.
            self.count("refused")
            places = [f"{finding.pointer} {finding.code} {finding.message.en}" for finding in error.findings]
            print(item.task.id, error.reason, error.message.en, *places, sep="\n  ", file=sys.stderr)
            if not isinstance(item, tasks.TaskFailure):
                self.send([self.fail(item, "OWN_MISTAKE")])
        return False

    # --- leases ---

    def take(self, task):
        """A task is ours until its lease ends, and after that until somebody takes it."""
        now = time.time()
        self.business_us = max(self.business_us, task.offered_at.ToMicroseconds())
        self.in_hand[task.id] = (task, now + (task.lease_until.ToMicroseconds() / 1e6 - now) / 2)

    def still_mine(self, task):
        """Whether the task was not taken away meanwhile. To be on the safe side costs nothing: a late answer harms
        nobody, it is refused with STALE_EPOCH."""
        return self.in_hand.get(task.id, (None,))[0] is task

    def heartbeat(self):
        """Prolongs the leases of what is being worked on, when half of their time is over."""
        while not self.stopping.wait(0.25):
            due = [task for task, beat_at in list(self.in_hand.values()) if beat_at < time.time()][:100]
            if not due:
                continue
            beats = [
                tasks.TaskHeartbeat(
                    task=tasks.TaskAddress(id=task.id), epoch=task.epoch, lease=duration_pb2.Duration(seconds=60)
                )
                for task in due
            ]
            replies = self.call(self.tasks.HeartbeatTasks, tasks.HeartbeatTasksRequest(heartbeats=beats)).replies
            for task, reply in zip(due, replies):
                if not self.still_mine(task):
                    continue
                if reply.WhichOneof("answer") == "error":
                    self.in_hand.pop(task.id, None)
                else:
                    now = time.time()
                    left = reply.receipt.lease_until.ToMicroseconds() / 1e6 - now
                    self.in_hand[task.id] = (task, now + left / 2)

    # --- the work itself ---

    def done(self, task):
        """Does a task; what is said about it is out of our hands."""
        try:
            time.sleep(self.options.work)
            return self.decide(task)
        finally:
            self.in_hand.pop(task.id, None)

    def decide(self, task):
        """Your own system goes here: reads what is shared, decides, makes the result."""
        shared = json_format.MessageToDict(task.shared)
        for digest in results.documents(shared):
            self.download(digest, task.case_id)
        outcomes = {outcome.effect: outcome for outcome in reversed(self.step(task).outcomes)}
        # With --vary one task in five goes another way, always the same ones.
        lot = zlib.crc32(task.id.encode()) % 20 if self.options.vary else 19
        if lot == 0 and workflows.OUTCOME_EFFECT_CORRECTS in outcomes and not task.corrected:
            return self.correct(task, outcomes[workflows.OUTCOME_EFFECT_CORRECTS])
        if lot == 1 and workflows.OUTCOME_EFFECT_ENDS_BRANCH in outcomes:
            return self.refuse(task, outcomes[workflows.OUTCOME_EFFECT_ENDS_BRANCH])
        if lot == 2 and (task.case_id, task.step) not in self.deferred:
            return self.defer(task)
        if lot == 3 and task.attempt == 0:
            return self.fail(task, "REGISTER_DOWN")
        return self.complete(task, outcomes[workflows.OUTCOME_EFFECT_COMPLETES], shared)

    def step(self, task):
        """The step as its package declares it: outcomes, and the JSON Schema of the result."""
        if task.workflow not in self.packages:
            request = workflows.GetWorkflowRequest(workflow=task.workflow)
            self.packages[task.workflow] = self.call(self.workflows.GetWorkflow, request).workflow
        # A branch is called `identity[p1]`; its step is `identity`.
        name = task.step.split("[")[0]
        return next(step for step in self.packages[task.workflow].steps if step.step == name)

    def complete(self, task, outcome, shared):
        """The usual end: a result that fits the schema, and who decided."""
        result, step = None, self.step(task)
        if step.HasField("result_schema"):
            schema = json_format.MessageToDict(step.result_schema)
            made = results.make(step.step, schema, shared, task.offered_at.ToDatetime(results.CHINA))
            result = json_format.ParseDict(made, struct_pb2.Struct())
        return tasks.TaskCompletion(
            request_id=f"{task.id}-{task.epoch}", task=tasks.TaskAddress(id=task.id), epoch=task.epoch,
            outcome=outcome.outcome, result=result, officer=f"{task.office}-1",
        )

    def correct(self, task, outcome):
        """Everything that is missing, at once, each with a JSON pointer into the form. The task ends; when the applicant
        has answered, a new one comes, with these findings in `corrected`."""
        pointer = f"{task.item_pointer}/phone" if task.item_pointer else "/contact/phone"
        finding = common.Finding(
            code="PHONE_UNREACHABLE", severity=common.SEVERITY_ERROR, pointer=pointer,
            message=common.Text(zh="该联系电话无法接通，请更正。", en="Nobody answers at this number: correct it."),
        )
        return tasks.TaskCompletion(
            request_id=f"{task.id}-{task.epoch}", task=tasks.TaskAddress(id=task.id), epoch=task.epoch,
            outcome=outcome.outcome, findings=[finding], officer=f"{task.office}-1",
        )

    def refuse(self, task, outcome):
        """An adverse outcome: the reason that the applicant will read, and a second officer."""
        return tasks.TaskCompletion(
            request_id=f"{task.id}-{task.epoch}", task=tasks.TaskAddress(id=task.id), epoch=task.epoch,
            outcome=outcome.outcome, reason=f"申请事项不符合法定条件，依据{outcome.law}作出本决定。",
            officer=f"{task.office}-1", approver=f"{task.office}-2",
        )

    def defer(self, task):
        """Not now: the task comes again at that (business) time. The clock goes on."""
        self.deferred.add((task.case_id, task.step))
        later = timestamp_pb2.Timestamp()
        later.FromMicroseconds(self.business_us + 3_600_000_000)
        return tasks.TaskDeferral(
            request_id=f"{task.id}-{task.epoch}-defer", task=tasks.TaskAddress(id=task.id), epoch=task.epoch,
            ask_again_after=later, code="FILE_ELSEWHERE",
        )

    def fail(self, task, code):
        """A technical failure: the task is offered again after a while, to whoever comes first."""
        address = task.task if hasattr(task, "task") else tasks.TaskAddress(id=task.id)
        return tasks.TaskFailure(
            request_id=f"{address.id}-{task.epoch}-fail", task=address, epoch=task.epoch, code=code
        )

    # --- documents ---

    def download(self, digest, case_id):
        """The content of a document that a task shares, checked against its name."""
        parts = self.documents.DownloadDocument(
            documents.DownloadDocumentRequest(digest=digest, case_id=case_id), timeout=60
        )
        content = b"".join(part.chunk for part in parts if part.WhichOneof("part") == "chunk")
        if "sha256:" + hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(f"{digest} has another content")
        return content

    def upload(self, name, content):
        """Hands a document in; a result refers to it by the digest."""
        def parts():
            yield documents.UploadDocumentRequest(header=documents.UploadHeader(name=name, size=len(content)))
            for at in range(0, len(content), 65536):
                yield documents.UploadDocumentRequest(chunk=content[at:at + 65536])
        return self.documents.UploadDocument(parts(), timeout=60).document.digest

    # --- beginning and end ---

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def stop(self, *_):
        """Takes nothing new. A stream whose side is closed is still answered what was asked on it."""
        self.stopping.set()
        for say in list(self.streams):
            say.put(None)

    def run(self):
        """Works until it is told to stop; gives the exit code."""
        failed = []

        def work(door, *arguments):
            try:
                door(*arguments)
            except Exception as error:  # whatever it is, the others stop in good order
                refused = isinstance(error, grpc.RpcError)
                again = refused and (error.code() in AGAIN or reason_of(error)[1] is not None)
                if not (again and self.stopping.is_set()):
                    failed.append(" ".join((reason_of(error)[0], error.details())) if refused else repr(error))
                    self.stop()

        door = self.work_by_stream if self.options.door == "stream" else self.work_by_calls
        threads = [threading.Thread(target=work, args=(door, office)) for office in self.options.offices.split(",")]
        threads.append(threading.Thread(target=work, args=(self.heartbeat,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps(self.counts, ensure_ascii=False), flush=True)
        for reason in failed:
            print(reason, file=sys.stderr)
        return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="host:port")
    parser.add_argument("--token", required=True, help="kb_…, of role agency")
    parser.add_argument("--offices", required=True, help="ids of the offices, with commas between them")
    parser.add_argument("--door", choices=["stream", "calls"], default="stream")
    parser.add_argument("--tls-ca", help="certificate of the authority that signed the server's (PEM)")
    parser.add_argument("--work", type=float, default=0.0, help="seconds of work on each task")
    parser.add_argument("--vary", action="store_true", help="correct, refuse, defer and fail some tasks")
    options = parser.parse_args()
    authority = None
    if options.tls_ca:
        with open(options.tls_ca, "rb") as file:
            authority = file.read()
    agency = Agency(connect(options.endpoint, options.token, authority), options)
    signal.signal(signal.SIGTERM, agency.stop)
    signal.signal(signal.SIGINT, agency.stop)
    return agency.run()


if __name__ == "__main__":
    sys.exit(main())
