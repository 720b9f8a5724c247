package io.weir.alert.channel;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import io.weir.metadata.notify.Notice;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How notices are worded and linked, the same in every channel. */
public final class Words {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM yyyy HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final String console;

    /** @param console the console's address */
    public Words(String console) {
        this.console = console.endsWith("/") ? console.substring(0, console.length() - 1) : console;
    }

    /** Such as "FIRING (2) critical: errors". */
    String title(Notice notice) {
        String what =
                switch (notice.kind()) {
                    case TRIGGER -> "FIRING";
                    case REPEAT -> "STILL FIRING";
                    case ESCALATION -> "ESCALATED, NOT ACKNOWLEDGED";
                    case ACKNOWLEDGE -> "ACKNOWLEDGED";
                    case RESOLVE -> "RESOLVED";
                    case SILENCE_ENDS -> "SILENCE ENDS SOON";
                    case TEST -> "TEST";
                };
        if (!notice.kind().isIncident()) {
            return what + ": " + notice.tenant();
        }
        long count = notice.kind() == Notice.Kind.RESOLVE ? notice.alerts().size() : notice.firing();
        String names = String.join(
                ", ",
                notice.alerts().stream()
                        .map(Notice.Item::ruleName)
                        .distinct()
                        .limit(3)
                        .toList());
        return what + (count > 1 ? " (" + count + ")" : "") + " " + severity(notice) + ": "
                + (names.isEmpty() ? notice.tenant() : names);
    }

    /** What it says besides its title, in short. */
    static String detail(Notice notice) {
        if (!notice.text().isEmpty()) {
            return notice.text();
        }
        return notice.alerts().isEmpty() ? "" : notice.alerts().get(0).message();
    }

    static String severity(Notice notice) {
        return notice.severity().name().toLowerCase(Locale.ROOT);
    }

    static String state(Notice.Item item) {
        return item.firing() ? "firing" : "resolved";
    }

    /** Its state and from when on, such as "firing since 21 Nov 2026 10:04 UTC". */
    static String when(Notice.Item item) {
        Instant until = item.until();
        return until == null ? state(item) + " since " + TIME.format(item.since()) : "resolved " + TIME.format(until);
    }

    String alertLink(Notice.Item item) {
        return console + "/alerts/" + item.alert();
    }

    /** To what the notice is about. */
    String link(Notice notice) {
        return console
                + switch (notice.kind()) {
                    case TEST -> "/alerts/channels/" + notice.channel();
                    case SILENCE_ENDS -> "/alerts/silences/" + notice.group();
                    default -> "/alerts/groups/" + notice.group();
                };
    }

    String acknowledgeLink(Notice notice) {
        return link(notice) + "/acknowledge";
    }

    /** To the page where a silence is made, filled with what the alert is. */
    String silenceLink(Notice.Item item) {
        Labels labels = item.labels().and(Labels.of("rule", item.ruleName()));
        return console + "/alerts/silences/new?matchers="
                + URLEncoder.encode(Matcher.write(Matcher.exactly(labels.values())), StandardCharsets.UTF_8);
    }
}
