package cn.kaiban.examples;

import cn.kaiban.v1.ClaimTasksRequest;
import cn.kaiban.v1.CompleteTasksRequest;
import cn.kaiban.v1.Finding;
import cn.kaiban.v1.GetWorkflowRequest;
import cn.kaiban.v1.HeartbeatTasksRequest;
import cn.kaiban.v1.OpenWork;
import cn.kaiban.v1.OutcomeEffect;
import cn.kaiban.v1.Severity;
import cn.kaiban.v1.Task;
import cn.kaiban.v1.TaskAddress;
import cn.kaiban.v1.TaskCompletion;
import cn.kaiban.v1.TaskHeartbeat;
import cn.kaiban.v1.TaskReply;
import cn.kaiban.v1.TaskServiceGrpc;
import cn.kaiban.v1.Text;
import cn.kaiban.v1.WorkTasksRequest;
import cn.kaiban.v1.WorkTasksResponse;
import cn.kaiban.v1.Workflow;
import cn.kaiban.v1.WorkflowOutcome;
import cn.kaiban.v1.WorkflowServiceGrpc;
import cn.kaiban.v1.WorkflowStep;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * An agency's programme: takes the tasks of its offices, does them, says how each ended.
 *
 * <pre>java cn.kaiban.examples.Agency ENDPOINT TOKEN OFFICE,OFFICE… [stream|calls]</pre>
 *
 * Put your own system in the place of {@link #decide}. SIGTERM or Ctrl-C: it takes nothing new, finishes what it has in
 * hand, and ends.
 */
public final class Agency {
    /** The call may or may not have been carried out: ask again with the same request_id. */
    private static final Set<Status.Code> AGAIN = Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED);
    /** The task is somebody else's by now, or nobody's: let go of it. */
    private static final Set<String> GONE = Set.of("STALE_EPOCH", "NO_OPEN_TASK", "CASE_CLOSED");
    private static final Duration LEASE = Duration.newBuilder().setSeconds(60).build();

    private final TaskServiceGrpc.TaskServiceBlockingStub tasks;
    private final TaskServiceGrpc.TaskServiceStub streams;
    private final WorkflowServiceGrpc.WorkflowServiceBlockingStub workflows;
    private final Map<String, Workflow> packages = new ConcurrentHashMap<>();
    /** Tasks that are being worked on. */
    private final Map<String, Task> inHand = new ConcurrentHashMap<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger tooLate = new AtomicInteger();
    private final AtomicInteger askedAgain = new AtomicInteger();

    private Agency(ManagedChannel channel, String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        var bearer = MetadataUtils.newAttachHeadersInterceptor(headers);
        tasks = TaskServiceGrpc.newBlockingStub(channel).withInterceptors(bearer);
        streams = TaskServiceGrpc.newStub(channel).withInterceptors(bearer);
        workflows = WorkflowServiceGrpc.newBlockingStub(channel).withInterceptors(bearer);
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 3) {
            System.err.println("usage: Agency ENDPOINT TOKEN OFFICE,OFFICE… [stream|calls]");
            System.exit(2);
        }
        ManagedChannel channel = ManagedChannelBuilder.forTarget(arguments[0]).usePlaintext().build();
        Agency agency = new Agency(channel, arguments[1]);
        boolean calls = arguments.length > 3 && arguments[3].equals("calls");
        List<Thread> threads = new ArrayList<>();
        for (String office : arguments[2].split(",")) {
            threads.add(new Thread(() -> agency.work(office, calls), office));
        }
        threads.add(new Thread(agency::heartbeat, "heartbeat"));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            agency.stopping.countDown();
            try {
                main.join(30_000);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }));
        for (Thread thread : threads) {
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        channel.shutdownNow();
        System.out.printf("{\"completed\": %d, \"too late\": %d, \"asked again\": %d}%n",
                agency.completed.get(), agency.tooLate.get(), agency.askedAgain.get());
        System.out.flush();
    }

    private void work(String office, boolean calls) {
        try {
            if (calls) {
                workByCalls(office);
            } else {
                workByStream(office);
            }
        } catch (StatusRuntimeException refused) {
            if (!again(refused)) {
                System.err.println(office + ": " + reasonOf(refused));
                stopping.countDown();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // --- calling ---

    /** Calls until there is an answer. The request stays the same, and with it its request_id. */
    private <T> T call(Supplier<T> method) throws InterruptedException {
        long pause = 100;
        while (true) {
            try {
                return method.get();
            } catch (StatusRuntimeException refused) {
                boolean over = stopping.getCount() == 0 && pause > 2_000;
                if (!again(refused) || over) {
                    throw refused;
                }
                askedAgain.incrementAndGet();
                Thread.sleep(Math.max(pause, pauseOf(refused)));
                pause = Math.min(2 * pause, 10_000);
            }
        }
    }

    /** Whether it is unclear what became of a call, or the server asks for another try, as when it is busy (RetryInfo). */
    private static boolean again(StatusRuntimeException refused) {
        return AGAIN.contains(refused.getStatus().getCode()) || detail(refused, RetryInfo.class) != null;
    }

    /** The stable reason of a call that failed as a whole (google.rpc.ErrorInfo). */
    private static String reasonOf(StatusRuntimeException refused) {
        ErrorInfo info = detail(refused, ErrorInfo.class);
        return info == null ? refused.getStatus().toString() : info.getReason();
    }

    /** How long the server asks to wait (google.rpc.RetryInfo), ms; 0 = it does not say. */
    private static long pauseOf(StatusRuntimeException refused) {
        RetryInfo retry = detail(refused, RetryInfo.class);
        return retry == null ? 0 : retry.getRetryDelay().getSeconds() * 1_000 + retry.getRetryDelay().getNanos() / 1_000_000;
    }

    private static <T extends Message> T detail(StatusRuntimeException refused, Class<T> kind) {
        com.google.rpc.Status status = StatusProto.fromThrowable(refused);
        for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
            try {
                if (detail.is(kind)) {
                    return detail.unpack(kind);
                }
            } catch (InvalidProtocolBufferException unreadable) {
                return null;
            }
        }
        return null;
    }

    // --- taking tasks: two doors, the same rules ---

    /** The door for programmes that poll: a claim waits for work, a batch says how it ended. */
    private void workByCalls(String office) throws InterruptedException {
        while (stopping.getCount() > 0) {
            ClaimTasksRequest claim = ClaimTasksRequest.newBuilder()
                    .setRequestId(UUID.randomUUID().toString()).setOffice(office).setMax(10)
                    .setLease(LEASE).setWait(Duration.newBuilder().setSeconds(5)).build();
            List<Task> claimed =
                    call(() -> tasks.withDeadlineAfter(60, TimeUnit.SECONDS).claimTasks(claim)).getTasksList();
            claimed.forEach(task -> inHand.put(task.getId(), task));
            List<TaskCompletion> completions = new ArrayList<>();
            for (Task task : claimed) {
                if (inHand.get(task.getId()) == task) {
                    completions.add(done(task));
                }
            }
            send(completions);
        }
    }

    /** The door for programmes that stay connected: tasks come as they open, at most `window` in hand. */
    private void workByStream(String office) throws InterruptedException {
        while (stopping.getCount() > 0) {
            Map<String, TaskCompletion> unanswered = new ConcurrentHashMap<>();
            BlockingQueue<Task> todo = new LinkedBlockingQueue<>();
            CountDownLatch over = new CountDownLatch(1);
            StatusRuntimeException[] word = new StatusRuntimeException[1];
            StreamObserver<WorkTasksRequest> say = streams.workTasks(new StreamObserver<>() {
                @Override
                public void onNext(WorkTasksResponse heard) {
                    switch (heard.getMessageCase()) {
                        case TASK -> {
                            inHand.put(heard.getTask().getId(), heard.getTask());
                            todo.add(heard.getTask());
                        }
                        case TAKEN -> inHand.remove(heard.getTaken().getTask());
                        case REPLY -> {
                            TaskCompletion item = unanswered.get(heard.getReply().getRequestId());
                            // What is to be sent again stays unanswered, and goes through the other door.
                            if (item != null && !again(item, heard.getReply())) {
                                unanswered.remove(item.getRequestId());
                            }
                        }
                        default -> { }
                    }
                }

                @Override
                public void onError(Throwable error) {
                    word[0] = Status.fromThrowable(error).asRuntimeException(Status.trailersFromThrowable(error));
                    over.countDown();
                }

                @Override
                public void onCompleted() {
                    over.countDown();
                }
            });
            say.onNext(WorkTasksRequest.newBuilder()
                    .setOpen(OpenWork.newBuilder().setOffice(office).setWindow(10).setLease(LEASE)).build());
            while (over.getCount() > 0 && stopping.getCount() > 0) {
                Task task = todo.poll(200, TimeUnit.MILLISECONDS);
                if (task != null && inHand.get(task.getId()) == task) {
                    TaskCompletion item = done(task);
                    unanswered.put(item.getRequestId(), item);
                    say.onNext(WorkTasksRequest.newBuilder().setComplete(item).build());
                } else if (task == null) {
                    resend(unanswered, say);
                }
            }
            if (over.getCount() > 0) {
                // Nothing new comes; what was said on the stream is still answered.
                say.onCompleted();
                over.await(30, TimeUnit.SECONDS);
            }
            // What was said and not answered may or may not have been carried out. The other door knows.
            send(List.copyOf(unanswered.values()));
            if (word[0] != null && !again(word[0])) {
                throw word[0];
            }
            if (word[0] != null) {
                Thread.sleep(Math.max(200, pauseOf(word[0])));
            }
        }
    }

    /** Says again what found the server busy. */
    private void resend(Map<String, TaskCompletion> unanswered, StreamObserver<WorkTasksRequest> say) {
        for (TaskCompletion item : busy.isEmpty() ? List.<TaskCompletion>of() : List.copyOf(unanswered.values())) {
            if (busy.remove(item.getRequestId())) {
                say.onNext(WorkTasksRequest.newBuilder().setComplete(item).build());
            }
        }
    }

    /** Request ids of items that found the server busy. */
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    // --- saying how they ended ---

    /** Says through calls how tasks ended; each item is answered by itself. */
    private void send(List<TaskCompletion> completions) throws InterruptedException {
        List<TaskCompletion> items = completions;
        while (!items.isEmpty()) {
            CompleteTasksRequest request = CompleteTasksRequest.newBuilder().addAllCompletions(items).build();
            List<TaskReply> replies =
                    call(() -> tasks.withDeadlineAfter(60, TimeUnit.SECONDS).completeTasks(request)).getRepliesList();
            List<TaskCompletion> left = new ArrayList<>();
            for (int nth = 0; nth < replies.size(); nth++) {
                if (again(items.get(nth), replies.get(nth))) {
                    left.add(items.get(nth));
                }
            }
            items = left;
            if (!items.isEmpty()) {
                Thread.sleep(200);
            }
        }
    }

    /** Reads the answer to an item; whether to send the item again, just as it is. */
    private boolean again(TaskCompletion item, TaskReply reply) {
        if (reply.hasReceipt()) {
            completed.incrementAndGet();
            return false;
        }
        var error = reply.getError();
        Status.Code code = Status.fromCodeValue(error.getCode()).getCode();
        if (code == Status.Code.RESOURCE_EXHAUSTED || code == Status.Code.UNAVAILABLE) {
            askedAgain.incrementAndGet();
            busy.add(item.getRequestId());
            return true;
        }
        if (GONE.contains(error.getReason())) {
            tooLate.incrementAndGet();
        } else {
            // Our own fault: people have to look.
            System.err.println(item.getTask().getId() + " " + error.getReason() + " " + error.getMessage().getEn());
            for (Finding finding : error.getFindingsList()) {
                System.err.println("  " + finding.getPointer() + " " + finding.getMessage().getEn());
            }
        }
        return false;
    }

    /** Prolongs the leases of what is being worked on. */
    private void heartbeat() {
        try {
            while (!stopping.await(500, TimeUnit.MILLISECONDS)) {
                HeartbeatTasksRequest.Builder beats = HeartbeatTasksRequest.newBuilder();
                List<Task> beaten = inHand.values().stream().limit(100).toList();
                for (Task task : beaten) {
                    beats.addHeartbeats(TaskHeartbeat.newBuilder()
                            .setTask(TaskAddress.newBuilder().setId(task.getId())).setEpoch(task.getEpoch())
                            .setLease(LEASE));
                }
                if (beaten.isEmpty()) {
                    continue;
                }
                List<TaskReply> replies = call(() -> tasks.heartbeatTasks(beats.build())).getRepliesList();
                for (int nth = 0; nth < replies.size(); nth++) {
                    if (replies.get(nth).hasError()) {
                        inHand.remove(beaten.get(nth).getId(), beaten.get(nth));
                    }
                }
            }
        } catch (StatusRuntimeException refused) {
            stopping.countDown();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the work itself ---

    private TaskCompletion done(Task task) throws InterruptedException {
        try {
            return decide(task);
        } finally {
            inHand.remove(task.getId(), task);
        }
    }

    /** Your own system goes here: reads what is shared, decides, makes the result. */
    private TaskCompletion decide(Task task) throws InterruptedException {
        WorkflowStep step = step(task);
        for (WorkflowOutcome outcome : step.getOutcomesList()) {
            if (outcome.getEffect() == OutcomeEffect.OUTCOME_EFFECT_COMPLETES) {
                return complete(task, step, outcome);
            }
        }
        throw new IllegalStateException(task.getStep() + " has no outcome that completes it");
    }

    /** The step as its package declares it: outcomes, and the JSON Schema of the result. */
    private WorkflowStep step(Task task) throws InterruptedException {
        Workflow found = packages.get(task.getWorkflow());
        if (found == null) {
            GetWorkflowRequest request = GetWorkflowRequest.newBuilder().setWorkflow(task.getWorkflow()).build();
            found = call(() -> workflows.getWorkflow(request)).getWorkflow();
            packages.put(task.getWorkflow(), found);
        }
        // A branch is called `identity[p1]`; its step is `identity`.
        String name = task.getStep().split("\\[")[0];
        return found.getStepsList().stream().filter(step -> step.getStep().equals(name)).findFirst().orElseThrow();
    }

    /** The usual end: a result that fits the schema, and who decided. */
    private static TaskCompletion complete(Task task, WorkflowStep step, WorkflowOutcome outcome) {
        TaskCompletion.Builder completion = end(task, outcome);
        if (step.hasResultSchema()) {
            Instant offered = Instant.ofEpochSecond(task.getOfferedAt().getSeconds());
            LocalDate today = LocalDate.ofInstant(offered, ZoneOffset.ofHours(8));
            completion.setResult(Results.make(step.getStep(), step.getResultSchema(), task.getShared(), today));
        }
        return completion.build();
    }

    /** Everything that is missing, at once, each with a JSON pointer into the form. */
    static TaskCompletion correct(Task task, WorkflowOutcome outcome) {
        return end(task, outcome)
                .addFindings(Finding.newBuilder()
                        .setCode("PHONE_UNREACHABLE").setSeverity(Severity.SEVERITY_ERROR)
                        .setPointer(task.getItemPointer().isEmpty() ? "/contact/phone" : task.getItemPointer() + "/phone")
                        .setMessage(Text.newBuilder()
                                .setZh("该联系电话无法接通，请更正。").setEn("Nobody answers at this number: correct it.")))
                .build();
    }

    /** An adverse outcome: the reason that the applicant will read, and a second officer. */
    static TaskCompletion refuse(Task task, WorkflowOutcome outcome, String reason) {
        return end(task, outcome).setReason(reason).setApprover(task.getOffice() + "-2").build();
    }

    private static TaskCompletion.Builder end(Task task, WorkflowOutcome outcome) {
        return TaskCompletion.newBuilder()
                .setRequestId(task.getId() + "-" + task.getEpoch())
                .setTask(TaskAddress.newBuilder().setId(task.getId())).setEpoch(task.getEpoch())
                .setOutcome(outcome.getOutcome()).setOfficer(task.getOffice() + "-1");
    }
}
