package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.alert.deliver.Sender;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.RuleJson;
import java.util.HashMap;
import java.util.Map;

/**
 * Short messages by an HTTP gateway, which gets {@code {"id","to":[..],"text"}}. Settings: {@code url}, {@code to} (numbers),
 * {@code token} (sent as a bearer token; may be left out).
 */
public final class Sms implements Sender {

    private static final int LONGEST = 320; // two messages

    private final HttpPost http;
    private final Words words;

    public Sms(HttpPost http, Words words) {
        this.http = http;
        this.words = words;
    }

    @Override
    public Channel.Kind kind() {
        return Channel.Kind.SMS;
    }

    @Override
    public String send(Notice notice, Channel channel) throws DeliveryException {
        Settings settings = Settings.of(channel);
        String link = " " + words.link(notice);
        String text = words.title(notice) + ". " + Words.detail(notice);
        int room = LONGEST - link.length();
        String shortened = text.length() > room ? text.substring(0, room - 3) + "..." : text;
        Map<String, String> headers =
                new HashMap<>(Map.of("Idempotency-Key", notice.id().toString()));
        String token = settings.text("token", "");
        if (!token.isEmpty()) {
            headers.put("Authorization", "Bearer " + token);
        }
        String body = RuleJson.MAPPER.writeValueAsString(
                Map.of("id", notice.id(), "to", settings.texts("to"), "text", shortened + link));
        return "HTTP status " + http.json(settings.text("url"), headers, body).status();
    }
}
