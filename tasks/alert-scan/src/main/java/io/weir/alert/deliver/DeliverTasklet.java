package io.weir.alert.deliver;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.ChannelSettings;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.notify.Outbox.Claimed;
import io.weir.metadata.notify.Routing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The third step: sends what waits in the outbox, whichever run has put it there. When its time is over it begins nothing more, and
 * what waits is left to the next run. A channel that has not answered a few times is not asked again in the same run: what else
 * waits for it has failed without being tried.
 *
 * <p>Counts: read, the notices that were tried; written, those that were taken; skipped in writing, those that were not.
 */
public class DeliverTasklet implements Tasklet {

    private static final Logger log = LoggerFactory.getLogger(DeliverTasklet.class);
    private static final int LONGEST_DETAIL = 500;
    private static final int MOST_UNANSWERED = 3;

    private final Outbox outbox;
    private final Routing routing;
    private final Map<Channel.Kind, Sender> senders = new EnumMap<>(Channel.Kind.class);
    private final SecretFiles secrets;
    private final Retries retries;
    private final AuditLog audit;
    private final TransactionOperations transactions;
    private final Clock clock;
    private final Duration claim;
    private final Duration within;
    private final int concurrency;

    /** How often each channel has not answered in this run since it last took a notice. */
    private final Map<UUID, Integer> unanswered = new ConcurrentHashMap<>();

    public DeliverTasklet(
            Outbox outbox,
            Routing routing,
            List<Sender> senders,
            SecretFiles secrets,
            Retries retries,
            AuditLog audit,
            TransactionOperations transactions,
            Clock clock,
            Duration claim,
            Duration within,
            int concurrency) {
        this.outbox = outbox;
        this.routing = routing;
        senders.forEach(sender -> this.senders.put(sender.kind(), sender));
        this.secrets = secrets;
        this.retries = retries;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
        this.claim = claim;
        this.within = within;
        this.concurrency = concurrency;
    }

    @Override
    public RepeatStatus execute(StepContribution contribution, ChunkContext context) throws InterruptedException {
        Instant end = clock.instant().plus(within);
        unanswered.clear();
        tellFallbacks();
        ExecutorService pool = Executors.newFixedThreadPool(concurrency);
        try {
            // Only as many are claimed as are sent at once: a claim must not run out while a notice waits for its turn.
            for (List<Claimed> batch = claim(); !batch.isEmpty(); batch = isBefore(end) ? claim() : List.of()) {
                deliver(batch, pool, contribution);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
        return RepeatStatus.FINISHED;
    }

    private boolean isBefore(Instant end) {
        return clock.instant().isBefore(end);
    }

    private void deliver(List<Claimed> batch, ExecutorService pool, StepContribution contribution)
            throws InterruptedException, ExecutionException {
        List<Future<Boolean>> running = new ArrayList<>();
        batch.forEach(one -> running.add(pool.submit(() -> isDelivered(one))));
        for (Future<Boolean> one : running) {
            contribution.incrementReadCount();
            if (one.get()) {
                contribution.incrementWriteCount(1);
            } else {
                contribution.incrementWriteSkipCount();
            }
        }
    }

    private List<Claimed> claim() {
        return outbox.claim(clock.instant(), claim, concurrency);
    }

    /** What happens to one notice keeps no other from its channel. */
    private boolean isDelivered(Claimed claimed) {
        try {
            return deliver(claimed);
        } catch (RuntimeException e) {
            log.error(
                    "the outcome of notice {} could not be stored: it is sent again when the claim has run out",
                    claimed.notice().id(),
                    e);
            return false;
        }
    }

    private boolean deliver(Claimed claimed) {
        Notice notice = claimed.notice();
        Channel channel = routing.channel(notice.tenant(), notice.channel());
        Instant start = clock.instant();
        try {
            String answer = storable(send(notice, channel));
            store(claimed, start, "SENT", answer, () -> {
                outbox.sent(notice.id());
                record(claimed, channel, "notification.send", answer);
            });
            return true;
        } catch (DeliveryException e) {
            String reason = storable(String.valueOf(e.getMessage()));
            log.warn("notice {} was not taken by channel {}: {}", notice.id(), notice.channel(), reason);
            String outcome = e.isRefused() ? "REFUSED" : "FAILED";
            store(claimed, start, outcome, reason, () -> failed(claimed, channel, e, reason));
            return false;
        }
    }

    private void failed(Claimed claimed, @Nullable Channel channel, DeliveryException e, String reason) {
        Notice notice = claimed.notice();
        Instant now = clock.instant();
        int attempts = claimed.attempts() + 1;
        boolean isTest = notice.kind() == Notice.Kind.TEST;
        boolean over = isTest || e.isRefused() || !now.isBefore(notice.at().plus(retries.giveUpAfter()));
        if (!isTest && (over || retries.needFallback(attempts, e.askedWait()))) {
            useFallback(notice, channel);
        }
        if (over) {
            outbox.givenUp(notice.id());
            record(claimed, channel, "notification.give-up", reason);
        } else {
            outbox.again(notice.id(), now.plus(retries.after(attempts, e.askedWait())));
        }
    }

    private void useFallback(Notice notice, @Nullable Channel channel) {
        UUID fallback = channel == null ? null : channel.fallback();
        if (fallback != null) {
            outbox.useFallback(notice, fallback);
        }
    }

    /** What was decided since a channel has failed waits behind what it has not taken; its fallback does not. */
    private void tellFallbacks() {
        for (Notice notice : outbox.holdingBackFromFallback()) {
            Channel channel = routing.channel(notice.tenant(), notice.channel());
            transactions.executeWithoutResult(status -> useFallback(notice, channel));
        }
    }

    private String send(Notice notice, @Nullable Channel channel) throws DeliveryException {
        if (channel == null || !channel.enabled()) {
            throw DeliveryException.refused("the channel has been removed or switched off");
        }
        Sender sender = senders.get(channel.kind());
        if (sender == null) {
            throw DeliveryException.refused("there is nothing here that speaks to " + channel.kind());
        }
        boolean isTest = notice.kind() == Notice.Kind.TEST; // somebody waits for its outcome, and it is not repeated
        if (!isTest && unanswered.getOrDefault(channel.id(), 0) >= MOST_UNANSWERED) {
            throw DeliveryException.failed(
                    "not tried: the channel has not answered " + MOST_UNANSWERED + " times on end in this run");
        }
        Channel filled = secrets.filledIn(channel);
        ChannelSettings settings = ChannelSettings.of(filled);
        try {
            String answer = settings.hideIn(sender.send(notice, filled));
            unanswered.remove(channel.id());
            return answer;
        } catch (DeliveryException e) {
            if (e.isUnanswered()) {
                unanswered.merge(channel.id(), 1, Integer::sum);
            }
            throw e.saying(settings.hideIn(String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            log.error("channel {} ({}) fails", channel.name(), channel.id(), e);
            throw DeliveryException.failed(settings.hideIn(e.getClass().getSimpleName() + ": " + e.getMessage()));
        }
    }

    private void record(Claimed claimed, @Nullable Channel channel, String action, String detail) {
        Notice notice = claimed.notice();
        audit.append(new AuditEvent(
                "alert-scan",
                action,
                notice.tenant(),
                "notice:" + notice.id(),
                Map.of(
                        "kind", notice.kind().name(),
                        "group", notice.group().toString(),
                        "channel", channel == null ? notice.channel().toString() : channel.name(),
                        "attempts", Integer.toString(claimed.attempts() + 1),
                        "detail", detail)));
    }

    /** As it can be stored: PostgreSQL takes no NUL in a text. */
    private static String storable(String detail) {
        String text = detail.replaceAll("\\p{Cntrl}", " ");
        return text.length() > LONGEST_DETAIL ? text.substring(0, LONGEST_DETAIL) : text;
    }

    private void store(Claimed claimed, Instant start, String outcome, String detail, Runnable change) {
        Notice notice = claimed.notice();
        transactions.executeWithoutResult(status -> {
            outbox.log(
                    notice.tenant(),
                    new Outbox.Attempt(
                            notice.id(), notice.channel(), claimed.attempts() + 1, start, outcome, detail, (int)
                                    Duration.between(start, clock.instant()).toMillis()));
            change.run();
        });
    }
}
