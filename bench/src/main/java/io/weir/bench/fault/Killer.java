package io.weir.bench.fault;

import io.weir.bench.platform.Platform;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Kills processes of a platform with SIGKILL at random times, in random order, every kind equally often. A victim must be
 * back before the next one dies, but nothing else has to be well.
 */
final class Killer {

    /** The kinds of processes that die. */
    enum Victim {
        SOURCE("source-http"),
        PROCESSOR("processor-enrich"),
        SINK("sink-clickhouse"),
        CLICKHOUSE("clickhouse"),
        KAFKA("kafka");

        private final String name;

        Victim(String name) {
            this.name = name;
        }

        boolean is(Platform.Member member) {
            String memberName = member.name().toLowerCase(Locale.ROOT);
            // "clickhouse" is part of the sink's name as well.
            return this == CLICKHOUSE
                    ? memberName.contains(name) && !memberName.contains("sink")
                    : memberName.contains(name);
        }
    }

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Platform platform;
    private final Random random;
    private final PrintStream out;
    private final long startedAt = System.nanoTime();
    private final Map<Victim, Integer> kills = new EnumMap<>(Victim.class);
    private final List<String> problems = new ArrayList<>();

    Killer(Platform platform, long seed, PrintStream out) {
        this.platform = platform;
        this.random = new Random(seed);
        this.out = out;
    }

    /** How often each kind was killed. */
    Map<Victim, Integer> kills() {
        return kills;
    }

    int count() {
        return kills.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Victims that did not come back. */
    List<String> problems() {
        return problems;
    }

    /**
     * Spreads the kills over the duration. When victims take long to come back, the later kills follow at once.
     *
     * @param keepOn asked between the kills
     */
    void run(Duration duration, int wanted, BooleanSupplier keepOn) throws IOException, InterruptedException {
        List<Victim> deck = new ArrayList<>();
        double spacing = duration.toNanos() / (wanted + 1.0);
        for (int i = 0; i < wanted && keepOn.getAsBoolean(); i++) {
            long due = startedAt + (long) (spacing * (i + 0.6 + 0.8 * random.nextDouble()));
            pauseUntil(due);
            if (System.nanoTime() - startedAt > duration.toNanos() * 1.5) {
                problems.add("Only " + count() + " kills fitted into one and a half times the wanted time");
                return;
            }
            if (deck.isEmpty()) {
                deck.addAll(List.of(Victim.values()));
                Collections.shuffle(deck, random);
            }
            kill(deck.remove(deck.size() - 1));
        }
        pauseUntil(startedAt + duration.toNanos());
    }

    private void kill(Victim victim) throws IOException, InterruptedException {
        List<Platform.Member> candidates = awaitCandidates(victim);
        if (candidates.isEmpty()) {
            problems.add("weir status listed no running process of the kind " + victim + " for three minutes");
            return;
        }
        Platform.Member chosen = candidates.get(random.nextInt(candidates.size()));
        boolean killed = ProcessHandle.of(chosen.pid())
                .map(ProcessHandle::destroyForcibly)
                .orElse(false);
        if (!killed) {
            problems.add(chosen.name() + " was not running when it should have been killed");
        }
        kills.merge(victim, 1, Integer::sum);
        long killedAt = System.nanoTime();
        Platform.Member back = awaitReturn(chosen);
        double seconds = (System.nanoTime() - killedAt) / 1e9;
        if (back == null) {
            problems.add(chosen.name() + " did not come back within three minutes");
        }
        out.printf(
                Locale.ROOT,
                "%5.0f s  %2d  kill -9 %-28s pid %-7d %s%n",
                (killedAt - startedAt) / 1e9,
                count(),
                chosen.name(),
                chosen.pid(),
                back == null ? "NOT BACK" : String.format(Locale.ROOT, "back as %d after %.1f s", back.pid(), seconds));
    }

    private List<Platform.Member> awaitCandidates(Victim victim) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Platform.Status status = platform.status();
            if (status != null) {
                List<Platform.Member> running = status.processes().stream()
                        .filter(member -> victim.is(member) && isAlive(member))
                        .toList();
                if (!running.isEmpty()) {
                    return running;
                }
            }
            pause(500);
        }
        return List.of();
    }

    private static boolean isAlive(Platform.Member member) {
        return member.pid() > 0 && ProcessHandle.of(member.pid()).isPresent();
    }

    private Platform.@Nullable Member awaitReturn(Platform.Member gone) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            pause(700);
            Platform.Status status = platform.status();
            if (status == null) {
                continue;
            }
            for (Platform.Member member : status.processes()) {
                if (member.name().equals(gone.name()) && member.pid() != gone.pid() && isAlive(member)) {
                    return member;
                }
            }
        }
        return null;
    }

    private static void pauseUntil(long due) throws InterruptedException {
        long wait = due - System.nanoTime();
        if (wait > 0) {
            pause(wait / 1_000_000);
        }
    }

    private static void pause(long millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
