package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.alert.deliver.Sender;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.RuleJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Slack's incoming webhooks. Settings: {@code url}. Slack cannot tell a repeated notice from a new one. */
public final class Slack implements Sender {

    private static final int MOST_ALERTS = 10;

    private final HttpPost http;
    private final Words words;

    public Slack(HttpPost http, Words words) {
        this.http = http;
        this.words = words;
    }

    @Override
    public Channel.Kind kind() {
        return Channel.Kind.SLACK;
    }

    @Override
    public String send(Notice notice, Channel channel) throws DeliveryException {
        String title = words.title(notice);
        List<Object> blocks = new ArrayList<>();
        blocks.add(section("*<" + words.link(notice) + "|" + escaped(title) + ">*"));
        if (!notice.text().isEmpty()) {
            blocks.add(section(escaped(notice.text())));
        }
        notice.alerts().stream().limit(MOST_ALERTS).forEach(item -> {
            String runbook = item.runbook();
            blocks.add(section("*" + escaped(item.message()) + "*\n"
                    + escaped(item.labels().toString()) + "\n"
                    + Words.when(item) + "  <" + words.alertLink(item) + "|open>  <" + words.silenceLink(item)
                    + "|silence>" + (runbook == null ? "" : "  <" + runbook + "|runbook>")));
        });
        int more = notice.alerts().size() - MOST_ALERTS;
        if (more > 0) {
            blocks.add(section("and " + more + " more"));
        }
        if (notice.isOpen()) {
            blocks.add(section("<" + words.acknowledgeLink(notice) + "|Acknowledge>"));
        }
        String body = RuleJson.MAPPER.writeValueAsString(Map.of("text", title, "blocks", blocks));
        return "HTTP status "
                + http.json(Settings.of(channel).text("url"), Map.of(), body).status();
    }

    private static Map<String, Object> section(String markdown) {
        String text = markdown.length() > 2900 ? markdown.substring(0, 2900) : markdown;
        return Map.of("type", "section", "text", Map.of("type", "mrkdwn", "text", text));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
