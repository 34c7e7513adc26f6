"""A bank's terminal in short: checks a form, submits it, follows the case, answers corrections, fetches letters.

    python terminal.py --endpoint 127.0.0.1:50051 --token kb_… submit form.json --documents folder
    python terminal.py --endpoint 127.0.0.1:50051 --token kb_… waiting
    python terminal.py --endpoint 127.0.0.1:50051 --token kb_… resubmit CASE CORRECTION form.json
    python terminal.py --endpoint 127.0.0.1:50051 --token kb_… letter CASE
"""

import argparse
import hashlib
import pathlib
import sys

import grpc
from google.protobuf import json_format, struct_pb2

import agency
from kaiban.v1 import case_service_pb2 as cases
from kaiban.v1 import case_service_pb2_grpc, document_service_pb2_grpc
from kaiban.v1 import document_service_pb2 as documents


class Terminal:
    """An outlet's terminal."""

    def __init__(self, channel):
        self.cases = case_service_pb2_grpc.CaseServiceStub(channel)
        self.documents = document_service_pb2_grpc.DocumentServiceStub(channel)

    def upload(self, path):
        """Hands a document in before a form names it; twice is as good as once."""
        content = path.read_bytes()
        parts = [documents.UploadDocumentRequest(header=documents.UploadHeader(name=path.name, size=len(content)))]
        parts += [
            documents.UploadDocumentRequest(chunk=content[at:at + 65536]) for at in range(0, len(content), 65536)
        ]
        return self.documents.UploadDocument(iter(parts)).document.digest

    def submit(self, form):
        """All that is wrong with a form at once; else the case and the hash on the receipt."""
        checked = self.cases.CheckForm(cases.CheckFormRequest(workflow="business-start", form=form))
        for finding in checked.findings:
            print(finding.pointer, finding.code, finding.message.zh, finding.message.en)
        if not checked.acceptable:
            return None
        # From the form: the same form from the same outlet is the same application, however often it is sent.
        request_id = hashlib.sha256(json_format.MessageToJson(form, sort_keys=True).encode()).hexdigest()
        request = cases.SubmitCaseRequest(request_id=request_id, workflow="business-start", form=form)
        submitted = self.cases.SubmitCase(request)
        print(submitted.case.id, "new" if submitted.created else "known", submitted.receipt)
        return submitted.case.id

    def waiting(self):
        """What waits for this outlet's applicants: the corrections, with the places that may be edited."""
        request = cases.ListCasesRequest(
            filter=cases.CaseFilter(waiting_for_applicant=True), view=cases.CASE_VIEW_STEPS
        )
        for case in self.cases.ListCases(request).cases:
            for correction in case.corrections:
                if not correction.HasField("answered_at"):
                    for finding in correction.findings:
                        print(case.id, correction.id, finding.pointer, finding.message.zh)

    def resubmit(self, case_id, correction_id, form):
        """Answers a correction with the whole form; only the opened places may differ from the last one."""
        request = cases.ResubmitCaseRequest(
            request_id=f"{case_id}-{correction_id}", case_id=case_id, correction_id=correction_id, form=form
        )
        print(self.cases.ResubmitCase(request).case.id)

    def letter(self, case_id):
        """The last letter to the applicant, as text."""
        case = self.cases.GetCase(cases.GetCaseRequest(id=case_id)).case
        for letter in case.letters[-1:]:
            request = cases.GetLetterRequest(case_id=case_id, number=letter.number)
            print(self.cases.GetLetter(request).text)


def read(path):
    """A form as it travels: google.protobuf.Struct."""
    return json_format.Parse(pathlib.Path(path).read_text(), struct_pb2.Struct())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--token", required=True, help="kb_…, of role terminal")
    verbs = parser.add_subparsers(dest="verb", required=True)
    submit = verbs.add_parser("submit")
    submit.add_argument("form")
    submit.add_argument("--documents", help="a folder; everything in it is handed in first")
    verbs.add_parser("waiting")
    resubmit = verbs.add_parser("resubmit")
    for name in ("case", "correction", "form"):
        resubmit.add_argument(name)
    verbs.add_parser("letter").add_argument("case")
    options = parser.parse_args()
    terminal = Terminal(agency.connect(options.endpoint, options.token))
    try:
        if options.verb == "submit":
            for path in sorted(pathlib.Path(options.documents).iterdir()) if options.documents else ():
                terminal.upload(path)
            return 0 if terminal.submit(read(options.form)) else 1
        if options.verb == "waiting":
            terminal.waiting()
        elif options.verb == "resubmit":
            terminal.resubmit(options.case, options.correction, read(options.form))
        else:
            terminal.letter(options.case)
        return 0
    except grpc.RpcError as error:
        print(agency.reason_of(error)[0], error.details(), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
