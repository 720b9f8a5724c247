package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.alert.deliver.Sender;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.RuleJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * PagerDuty's Events API v2. Settings: {@code routingKey}, and {@code url} for another address than PagerDuty's. The group's id is
 * the deduplication key, so a notice that is sent twice is one incident. A test opens an incident and closes it at once.
 *
 * @see <a href="https://developer.pagerduty.com/docs/events-api-v2/trigger-events/">Events API v2</a>
 */
public final class PagerDuty implements Sender {

    private static final String ADDRESS = "https://events.pagerduty.com/v2/enqueue";
    private static final int LONGEST_SUMMARY = 1024;

    private final HttpPost http;
    private final Words words;

    public PagerDuty(HttpPost http, Words words) {
        this.http = http;
        this.words = words;
    }

    @Override
    public Channel.Kind kind() {
        return Channel.Kind.PAGERDUTY;
    }

    @Override
    public String send(Notice notice, Channel channel) throws DeliveryException {
        Settings settings = Settings.of(channel);
        String action =
                switch (notice.kind()) {
                    case TRIGGER, REPEAT, ESCALATION, TEST -> "trigger";
                    case ACKNOWLEDGE -> "acknowledge";
                    case RESOLVE -> "resolve";
                    case SILENCE_ENDS -> throw DeliveryException.refused("nobody is woken because a silence ends");
                };
        int status = post(settings, notice, action);
        return "HTTP status " + (notice.kind() == Notice.Kind.TEST ? post(settings, notice, "resolve") : status);
    }

    private int post(Settings settings, Notice notice, String action) throws DeliveryException {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("routing_key", settings.text("routingKey"));
        event.put("dedup_key", "weir-" + notice.group());
        event.put("event_action", action);
        if (action.equals("trigger")) {
            event.put("client", "Weir");
            event.put("client_url", words.link(notice));
            event.put("payload", payload(notice));
            event.put(
                    "links",
                    notice.alerts().stream()
                            .limit(20)
                            .map(item -> Map.of("href", words.alertLink(item), "text", item.ruleName()))
                            .toList());
        }
        String body = RuleJson.MAPPER.writeValueAsString(event);
        return http.json(settings.text("url", ADDRESS), Map.of(), body).status();
    }

    private Map<String, Object> payload(Notice notice) {
        String summary = words.title(notice) + " - " + Words.detail(notice);
        List<Map<String, String>> alerts = notice.alerts().stream()
                .limit(50)
                .map(item -> Map.of(
                        "rule", item.ruleName(),
                        "labels", item.labels().toString(),
                        "state", Words.state(item),
                        "message", item.message()))
                .toList();
        return Map.of(
                "summary",
                summary.length() > LONGEST_SUMMARY ? summary.substring(0, LONGEST_SUMMARY) : summary,
                "source",
                "weir/" + notice.tenant(),
                "severity",
                Words.severity(notice),
                "timestamp",
                notice.at().toString(),
                "component",
                notice.groupLabels().toString(),
                "custom_details",
                Map.of("alerts", alerts));
    }
}
