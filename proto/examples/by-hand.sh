#!/bin/sh
# A few calls by hand with grpcurl: the server answers reflection, so no .proto files are needed.
#   ENDPOINT=127.0.0.1:50051 TOKEN=kb_… OFFICE=tax-350100 sh by-hand.sh
set -eu

grpcurl -plaintext "$ENDPOINT" list
grpcurl -plaintext "$ENDPOINT" describe kaiban.v1.TaskCompletion

alias kaiban='grpcurl -plaintext -H "authorization: Bearer $TOKEN"'
kaiban -d '{"workflow": "business-start"}' "$ENDPOINT" kaiban.v1.WorkflowService/GetWorkflow
kaiban -d "{\"request_id\": \"by-hand-1\", \"office\": \"$OFFICE\", \"max\": 1}" "$ENDPOINT" kaiban.v1.TaskService/ClaimTasks
