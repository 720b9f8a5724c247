package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.alert.deliver.Sender;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.RuleJson;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Any HTTPS address. Settings: {@code url}, {@code secret} (16 characters and more).
 *
 * <p>{@code X-Weir-Signature} is {@code sha256=} and the HMAC-SHA256, in hex, of {@code X-Weir-Timestamp} (seconds), a dot and the
 * body. A receiver compares it, refuses old timestamps, and remembers {@code Idempotency-Key}: a notice that comes twice has the
 * same one.
 */
public final class Webhook implements Sender {

    private static final int SHORTEST_SECRET = 16;

    private final HttpPost http;
    private final Words words;
    private final Clock clock;

    public Webhook(HttpPost http, Words words, Clock clock) {
        this.http = http;
        this.words = words;
        this.clock = clock;
    }

    @Override
    public Channel.Kind kind() {
        return Channel.Kind.WEBHOOK;
    }

    @Override
    public String send(Notice notice, Channel channel) throws DeliveryException {
        Settings settings = Settings.of(channel);
        String secret = settings.text("secret");
        if (secret.length() < SHORTEST_SECRET) {
            throw DeliveryException.refused("settings.secret of channel " + channel.name() + " is shorter than "
                    + SHORTEST_SECRET + " characters");
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", notice.id());
        body.put("kind", notice.kind().name());
        body.put("tenant", notice.tenant());
        body.put("group", notice.group());
        body.put("groupLabels", notice.groupLabels());
        body.put("title", words.title(notice));
        body.put("text", notice.text());
        body.put("severity", Words.severity(notice));
        body.put("at", notice.at().toString());
        body.put("acknowledgedBy", notice.acknowledgedBy());
        body.put("link", words.link(notice));
        body.put("alerts", notice.alerts());
        String text = RuleJson.MAPPER.writeValueAsString(body);
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        Map<String, String> headers = Map.of(
                "X-Weir-Timestamp",
                timestamp,
                "X-Weir-Signature",
                "sha256=" + signature(secret, timestamp + "." + text),
                "Idempotency-Key",
                notice.id().toString());
        return "HTTP status " + http.json(settings.text("url"), headers, text).status();
    }

    static String signature(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
