package io.weir.source.http.ingest;

import io.weir.metadata.ingest.IngestReceipts;
import io.weir.metadata.ingest.IngestReceipts.Receipt;
import io.weir.source.http.SourceProperties;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Asks for the first reception of requests, of many that arrive together in one statement. */
@Component
class Receipts implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Receipts.class);
    private static final int LARGEST_BATCH = 500;
    private static final int LONGEST_QUEUE = 10_000;

    private record Question(Receipt receipt, CompletableFuture<Instant> answer) {}

    private final IngestReceipts receipts;
    private final SourceProperties properties;
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>(LONGEST_QUEUE);
    private volatile @Nullable Thread worker;

    Receipts(IngestReceipts receipts, SourceProperties properties) {
        this.receipts = receipts;
        this.properties = properties;
    }

    /** When the request was first received; fails if the database cannot say, or too many are waiting for it. */
    CompletableFuture<Instant> firstReceived(Receipt receipt) {
        Question question = new Question(receipt, new CompletableFuture<>());
        if (!questions.offer(question)) {
            question.answer()
                    .completeExceptionally(new IllegalStateException("too many requests wait for the database"));
        }
        return question.answer();
    }

    private void work() {
        List<Question> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(questions.take());
                questions.drainTo(batch, LARGEST_BATCH - 1);
                answer(batch);
                batch.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(List<Question> batch) {
        try {
            List<Instant> times =
                    receipts.firstReceived(batch.stream().map(Question::receipt).toList());
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer().complete(times.get(i));
            }
        } catch (RuntimeException e) {
            batch.forEach(question -> question.answer().completeExceptionally(e));
        }
    }

    @Scheduled(fixedDelayString = "10m", initialDelayString = "1m")
    void forgetOld() {
        int forgotten = receipts.forget(properties.receiptTime(), Instant.now());
        if (forgotten > 0) {
            log.debug("{} receipts of idempotent requests were older than {}", forgotten, properties.receiptTime());
        }
    }

    @Override
    public void start() {
        Thread thread = new Thread(this::work, "receipts");
        thread.setDaemon(true);
        worker = thread;
        thread.start();
    }

    @Override
    public void stop() {
        Thread running = worker;
        if (running != null) {
            running.interrupt();
            worker = null;
        }
    }

    @Override
    public boolean isRunning() {
        return worker != null;
    }
}
