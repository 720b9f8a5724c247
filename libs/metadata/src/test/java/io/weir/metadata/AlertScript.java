package io.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.alert.Evaluation;
import io.weir.metadata.alert.StateMachine;
import io.weir.metadata.alert.Transition;
import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.AlertGroup;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Dispatch;
import io.weir.metadata.notify.EscalationPolicy;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.notify.Route;
import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rule.Missing;
import io.weir.metadata.rule.Severity;
import io.weir.metadata.silence.Inhibition;
import io.weir.metadata.silence.MuteWindow;
import io.weir.metadata.silence.Quiet;
import io.weir.metadata.silence.Silence;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Plays a script of what happened, minute by minute, against the state machine and the dispatch, on Friday, 2 January 2026, UTC.
 *
 * <pre>
 * rule errors above 5 clear 3 for 5m keep 2m no data alert by source is critical   (everything after the limit is optional)
 * route to ops repeat 60m wait 1m interval 5m group by rule                         (everything after the name is optional)
 * escalate after 15m to boss
 * inhibit rule="errors" by rule="down"
 * mute 22:00 to 06:00 Europe/Berlin on FRIDAY
 *
 * at 10:00 errors is 7 | errors of a is 7, of b is 2 | errors has no data | errors fails
 * at 10:01 to 10:20 errors is 7                        once a minute
 * at 10:00 silence rule="errors" for 30m
 * at 10:00 anna acknowledges errors
 * at 10:00 errors is grouped by source,os | errors is grouped by nothing
 *   then errors pending | firing | resolved | inactive       a change of state, at that time
 *   then mail to ops: trigger 1 firing 0 resolved            what is told, at that time
 * </pre>
 *
 * Every change and every notice must be in the script: one that is missing from it, or not as it says, fails. Rules without a line
 * at a time keep their last value. {@code then nothing} says so where a reader might wonder.
 */
final class AlertScript {

    private static final LocalDate DAY = LocalDate.of(2026, 1, 2);
    private static final Pattern AT = Pattern.compile("at (\\d\\d:\\d\\d)(?: to (\\d\\d:\\d\\d))? (.*)");
    private static final String TENANT = "acme";

    private final Map<String, Rule> rules = new LinkedHashMap<>();
    private final Map<String, Channel> channels = new LinkedHashMap<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<EscalationPolicy> policies = new ArrayList<>();
    private final List<Silence> silences = new ArrayList<>();
    private final List<MuteWindow> muteWindows = new ArrayList<>();
    private final List<Inhibition> inhibitions = new ArrayList<>();

    private final Map<String, List<Alert>> alerts = new LinkedHashMap<>();
    private final Map<String, Evaluation> said = new LinkedHashMap<>();
    private List<AlertGroup> groups = List.of();

    /** What is to happen, by minute, and what is to come of it. */
    private final Map<Instant, List<Consumer<Instant>>> events = new LinkedHashMap<>();

    private final Map<Instant, List<String>> expected = new LinkedHashMap<>();

    static void play(String script) {
        new AlertScript().run(script);
    }

    private void run(String script) {
        Instant last = Instant.MIN;
        Instant first = null;
        for (String raw : script.lines().toList()) {
            String line = raw.strip();
            Matcher at = AT.matcher(line);
            if (line.isEmpty()) {
                continue;
            } else if (at.matches()) {
                Instant from = time(at.group(1));
                Instant to = at.group(2) == null ? from : time(at.group(2));
                first = first == null ? from : first;
                for (Instant minute = from; !minute.isAfter(to); minute = minute.plusSeconds(60)) {
                    events.computeIfAbsent(minute, key -> new ArrayList<>()).add(event(at.group(3)));
                }
                last = to;
            } else if (line.startsWith("then ")) {
                expected.computeIfAbsent(last, key -> new ArrayList<>()).add(line.substring(5));
            } else {
                declare(line);
            }
        }
        for (Instant minute = first; !minute.isAfter(last); minute = minute.plusSeconds(60)) {
            minute(minute);
        }
    }

    private void declare(String line) {
        Matcher rule = Pattern.compile("rule (\\S+) (above|below) (\\S+)(.*)").matcher(line);
        Matcher absence = Pattern.compile("rule (\\S+) absent(.*)").matcher(line);
        Matcher route = Pattern.compile("route(?: (\\S*=\\S*))? to (\\S+)(.*)").matcher(line);
        Matcher escalate = Pattern.compile("escalate after (\\d+)m to (\\S+)").matcher(line);
        Matcher inhibit =
                Pattern.compile("inhibit (\\S+) by (\\S+)(?: same (\\S+))?").matcher(line);
        Matcher mute = Pattern.compile("mute (\\S+) to (\\S+) (\\S+) on (\\S+)").matcher(line);
        if (rule.matches()) {
            String rest = rule.group(4);
            String clear = option(rest, "clear (\\S+)");
            add(
                    rule.group(1),
                    rest,
                    new Condition.Threshold(
                            Comparison.valueOf(rule.group(2).toUpperCase(Locale.ROOT)),
                            Double.parseDouble(rule.group(3)),
                            clear.isEmpty() ? null : Double.valueOf(clear)));
        } else if (absence.matches()) {
            add(absence.group(1), absence.group(2), new Condition.Absence(Duration.ofHours(1)));
        } else if (route.matches()) {
            String rest = route.group(3);
            Route one = Route.to(
                    TENANT, routes.size(), route.group(1) == null ? "" : route.group(1), channel(route.group(2)));
            String by = option(rest, "group by (\\S+)");
            routes.add(new Route(
                    one.id(),
                    TENANT,
                    one.position(),
                    one.matchers(),
                    one.channels(),
                    by.isEmpty() ? "rule" : by,
                    minutes(rest, "wait (\\d+)m", 0),
                    minutes(rest, "interval (\\d+)m", 5),
                    minutes(rest, "repeat (\\d+)m", 240),
                    null,
                    false));
        } else if (escalate.matches()) {
            List<EscalationPolicy.Level> levels = new ArrayList<>();
            int route0 = routes.size() - 1;
            policies.stream()
                    .filter(policy -> policy.id().equals(routes.get(route0).escalation()))
                    .forEach(policy -> levels.addAll(policy.levels()));
            levels.add(new EscalationPolicy.Level(
                    Integer.parseInt(escalate.group(1)),
                    channel(escalate.group(2)).toString()));
            EscalationPolicy policy = new EscalationPolicy(UUID.randomUUID(), TENANT, "policy", levels);
            policies.add(policy);
            routes.set(route0, routes.get(route0).escalating(policy.id()));
        } else if (inhibit.matches()) {
            String same = inhibit.group(3);
            inhibitions.add(new Inhibition(
                    UUID.randomUUID(), TENANT, inhibit.group(2), inhibit.group(1), same == null ? "" : same));
        } else if (mute.matches()) {
            muteWindows.add(new MuteWindow(
                    UUID.randomUUID(),
                    TENANT,
                    "night",
                    "",
                    mute.group(4),
                    mute.group(1),
                    mute.group(2),
                    mute.group(3)));
        } else {
            fail("not a line of a script: " + line);
        }
    }

    private void add(String name, String rest, Condition condition) {
        String by = option(rest, "by (\\S+)");
        Query query = Query.of(Measure.LATENCY_AVERAGE, Duration.ofMinutes(5));
        if (condition instanceof Condition.Absence) {
            query = Query.of(Measure.COUNT, Duration.ofMinutes(5));
        }
        String severity = option(rest, "is (\\S+)");
        Rule rule = Rule.of(
                        TENANT,
                        name,
                        severity.isEmpty() ? Severity.WARNING : Severity.valueOf(severity.toUpperCase(Locale.ROOT)),
                        by.isEmpty() ? query : query.by(by),
                        condition)
                .holding(Duration.ofMinutes(Integer.parseInt("0" + option(rest, "for (\\d+)m"))))
                .keepFiring(Duration.ofMinutes(Integer.parseInt("0" + option(rest, "keep (\\d+)m"))))
                .missing(
                        missing(option(rest, "no data (\\S+)"), Missing.CLEAR),
                        missing(option(rest, "error (\\S+)"), Missing.KEEP));
        rules.put(name, rule);
        alerts.put(name, List.of());
    }

    private static Missing missing(String word, Missing otherwise) {
        return word.isEmpty() ? otherwise : Missing.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private UUID channel(String name) {
        return channels.computeIfAbsent(
                        name,
                        key -> new Channel(
                                UUID.randomUUID(),
                                TENANT,
                                name,
                                name.startsWith("pager") ? Channel.Kind.PAGERDUTY : Channel.Kind.EMAIL,
                                "{}",
                                null,
                                true))
                .id();
    }

    private Consumer<Instant> event(String text) {
        Matcher silence = Pattern.compile("silence (\\S+) for (\\d+)m").matcher(text);
        Matcher acknowledge = Pattern.compile("(\\S+) acknowledges (\\S+)").matcher(text);
        Matcher regroup = Pattern.compile("(\\S+) is grouped by (\\S+)").matcher(text);
        Matcher plain = Pattern.compile("(\\S+) is (\\S+)").matcher(text);
        Matcher grouped = Pattern.compile("(\\S+) (of .*)").matcher(text);
        Matcher none = Pattern.compile("(\\S+) has no data").matcher(text);
        Matcher fails = Pattern.compile("(\\S+) fails").matcher(text);
        if (silence.matches()) {
            return now -> silences.add(new Silence(
                    UUID.randomUUID(),
                    TENANT,
                    silence.group(1),
                    now,
                    now.plusSeconds(60L * Integer.parseInt(silence.group(2))),
                    "anna",
                    "known",
                    now,
                    null));
        } else if (acknowledge.matches()) {
            return now -> alerts.computeIfPresent(acknowledge.group(2), (name, list) -> list.stream()
                    .map(alert -> alert.isFiring() ? alert.acknowledged(acknowledge.group(1), now) : alert)
                    .toList());
        } else if (regroup.matches()) {
            String[] dimensions = regroup.group(2).equals("nothing")
                    ? new String[0]
                    : regroup.group(2).split(",");
            return now -> rules.computeIfPresent(
                    regroup.group(1),
                    (name, rule) -> rule.measuring(rule.query().by(dimensions)));
        } else if (plain.matches()) {
            return now -> say(
                    plain.group(1),
                    List.of(Evaluation.Sample.of(Labels.NONE, Double.parseDouble(plain.group(2)))),
                    null);
        } else if (grouped.matches()) {
            List<Evaluation.Sample> samples = new ArrayList<>();
            Matcher one = Pattern.compile("of (\\S+) is ([^\\s,]+)").matcher(grouped.group(2));
            while (one.find()) {
                String dimension = rules.get(grouped.group(1)).query().groupBy().get(0);
                samples.add(Evaluation.Sample.of(Labels.of(dimension, one.group(1)), Double.parseDouble(one.group(2))));
            }
            return now -> say(grouped.group(1), samples, null);
        } else if (none.matches()) {
            return now -> say(none.group(1), List.of(), null);
        } else if (fails.matches()) {
            return now -> say(fails.group(1), List.of(), "it broke");
        } else if (text.equals("nothing happens")) {
            return now -> {};
        }
        return fail("not an event: " + text);
    }

    private void say(String rule, List<Evaluation.Sample> samples, String error) {
        said.put(rule, new Evaluation(rules.get(rule).id(), Instant.EPOCH, samples, error));
    }

    private void minute(Instant now) {
        events.getOrDefault(now, List.of()).forEach(event -> event.accept(now));
        List<String> happened = new ArrayList<>();
        said.forEach((name, evaluation) -> {
            StateMachine.Outcome outcome = StateMachine.step(
                    rules.get(name),
                    alerts.get(name),
                    new Evaluation(evaluation.rule(), now, evaluation.samples(), evaluation.error()));
            alerts.put(name, outcome.alerts());
            for (Transition transition : outcome.transitions()) {
                if (transition.to() != AlertState.PENDING || isLast(outcome, transition)) {
                    happened.add(subject(name, transition.alert()) + " "
                            + transition.to().name().toLowerCase(Locale.ROOT));
                }
            }
        });
        List<Dispatch.Subject> subjects = new ArrayList<>();
        alerts.forEach(
                (name, list) -> list.forEach(alert -> subjects.add(new Dispatch.Subject(alert, rules.get(name)))));
        Dispatch.Plan plan = Dispatch.plan(
                now,
                TENANT,
                subjects,
                new Dispatch.Directory(routes, policies, List.copyOf(channels.values())),
                new Quiet(silences, muteWindows, inhibitions),
                groups);
        groups = plan.groups();
        for (Notice notice : plan.notices()) {
            String to = channels.values().stream()
                    .filter(channel -> channel.id().equals(notice.channel()))
                    .findFirst()
                    .orElseThrow()
                    .name();
            long resolved = notice.alerts().size() - notice.firing();
            happened.add("mail to " + to + ": " + notice.kind().name().toLowerCase(Locale.ROOT) + " " + notice.firing()
                    + " firing " + resolved + " resolved");
        }
        List<String> wanted = new ArrayList<>(expected.getOrDefault(now, List.of()));
        wanted.remove("nothing");
        assertThat(happened)
                .as("at %s", LocalTime.ofInstant(now, ZoneOffset.UTC))
                .containsExactlyInAnyOrderElementsOf(wanted);
    }

    /** A pending that fires in the same minute is not worth a line. */
    private static boolean isLast(StateMachine.Outcome outcome, Transition pending) {
        return outcome.transitions().stream()
                .noneMatch(other -> other.alert().id().equals(pending.alert().id()) && other.to() == AlertState.FIRING);
    }

    private static String subject(String rule, Alert alert) {
        if (alert.isError()) {
            return rule + " error";
        }
        return alert.group().isEmpty()
                ? rule
                : rule + " " + String.join(" ", alert.group().values().values());
    }

    private static String option(String text, String pattern) {
        Matcher found = Pattern.compile("\\b" + pattern).matcher(text);
        return found.find() ? found.group(1) : "";
    }

    private static int minutes(String text, String pattern, int otherwise) {
        String found = option(text, pattern);
        return 60 * (found.isEmpty() ? otherwise : Integer.parseInt(found));
    }

    private static Instant time(String text) {
        return DAY.atTime(LocalTime.parse(text)).toInstant(ZoneOffset.UTC);
    }
}
