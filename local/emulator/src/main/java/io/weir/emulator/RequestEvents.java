package io.weir.emulator;

import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Web and API requests: endpoints and users by Zipf's law, log-normal latencies around a median of each endpoint, a mix
 * of methods, user agents, addresses and status codes. Failed requests are slower.
 */
public final class RequestEvents implements Workload {

    private static final int TEMPLATES = 2048;
    private static final int USERS = 20_000;
    private static final int LATENCY_WIDTH = 12;
    private static final int SIZE_WIDTH = 6;
    private static final double SHARE_OF_CLIENT_ERRORS = 0.03;

    /** Method, path ({@code #} stands for a number), status when all is well, median latency in ms; most used first. */
    private record Endpoint(String method, String path, int status, double medianMillis) {}

    private static final Endpoint[] ENDPOINTS = {
        new Endpoint("GET", "/", 200, 12),
        new Endpoint("GET", "/api/products/#", 200, 18),
        new Endpoint("GET", "/api/search", 200, 85),
        new Endpoint("GET", "/static/app.js", 304, 2),
        new Endpoint("GET", "/api/users/#", 200, 15),
        new Endpoint("POST", "/api/cart/items", 201, 32),
        new Endpoint("GET", "/api/products", 200, 40),
        new Endpoint("GET", "/static/style.css", 304, 2),
        new Endpoint("GET", "/api/orders/#", 200, 27),
        new Endpoint("POST", "/api/login", 200, 110),
        new Endpoint("GET", "/api/recommendations", 200, 140),
        new Endpoint("POST", "/api/orders", 201, 180),
        new Endpoint("PUT", "/api/users/#/profile", 200, 45),
        new Endpoint("GET", "/images/#.webp", 200, 6),
        new Endpoint("DELETE", "/api/cart/items/#", 204, 22),
        new Endpoint("GET", "/api/inventory/#", 200, 20),
        new Endpoint("POST", "/api/payments", 201, 320),
        new Endpoint("GET", "/api/orders/#/tracking", 200, 95),
        new Endpoint("PATCH", "/api/addresses/#", 200, 38),
        new Endpoint("GET", "/health", 200, 1),
        new Endpoint("POST", "/api/reviews", 201, 52),
        new Endpoint("GET", "/api/reports/#", 200, 640),
        new Endpoint("POST", "/graphql", 200, 75),
        new Endpoint("GET", "/api/categories/#/products", 200, 60),
        new Endpoint("GET", "/login", 200, 9),
        new Endpoint("POST", "/api/coupons/validate", 200, 28),
        new Endpoint("GET", "/sitemap.xml", 200, 30),
        new Endpoint("OPTIONS", "/api/orders", 204, 1),
        new Endpoint("GET", "/api/export/#", 200, 1800),
        new Endpoint("HEAD", "/api/products/#", 200, 9)
    };

    private static final String[] USER_AGENTS = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
        "okhttp/4.12.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "python-requests/2.32.3",
        "curl/8.11.0"
    };

    private static final String[] REFERRERS = {
        "https://shop.example.com/",
        "https://www.example.org/search",
        "https://shop.example.com/cart",
        "https://mail.example.net/newsletter",
        "https://social.example.com/feed"
    };

    private static final int[] SERVER_ERRORS = {500, 500, 502, 503, 503, 504};
    private static final int[] CLIENT_ERRORS = {400, 401, 403, 404, 404, 404, 409, 422, 429};

    /** What may be chosen. */
    public record Mix(
            double errorRate,
            double invalidRate,
            int eventBytes,
            @Nullable EventIds ids,
            @Nullable String source) {
        /**
         * @param errorRate share of requests that end with a status of 5xx, 0 to 1
         * @param invalidRate share of events with a status code that the contract refuses, 0 to 1
         * @param eventBytes events are padded to this size; 0 leaves them as they are, about 700 bytes
         * @param ids null lets the source name the events
         * @param source named once for the whole POST; null lets every event name one of eight
         */
        public Mix {
            if (errorRate < 0 || errorRate > 1 || invalidRate < 0 || invalidRate > 1) {
                throw new IllegalArgumentException("A share is between 0 and 1");
            }
        }
    }

    private record Ready(
            byte[] bytes,
            int id,
            int timestamp,
            int user,
            int trace,
            int status,
            int latency,
            int size,
            int goodStatus,
            double medianMicros) {}

    private final Mix mix;
    private final SplittableRandom random;
    private final Zipf users = new Zipf(USERS, 1.05);
    private final Ready[] ready = new Ready[TEMPLATES];
    private final double[] spread = new double[4096];
    private final Slots slots = new Slots();
    private final int maxBytes;
    private boolean lastWasValid = true;

    public RequestEvents(Mix mix, long seed) {
        this.mix = mix;
        this.random = new SplittableRandom(seed);
        Zipf popularity = new Zipf(ENDPOINTS.length, 0.9);
        Zipf agents = new Zipf(USER_AGENTS.length, 0.8);
        int largest = 0;
        for (int i = 0; i < TEMPLATES; i++) {
            ready[i] = prepare(ENDPOINTS[popularity.draw(random)], USER_AGENTS[agents.draw(random)]);
            largest = Math.max(largest, ready[i].bytes.length);
        }
        this.maxBytes = largest;
        java.util.Random gauss = new java.util.Random(seed);
        for (int i = 0; i < spread.length; i++) {
            spread[i] = Math.exp(0.55 * gauss.nextGaussian());
        }
    }

    private Ready prepare(Endpoint endpoint, String userAgent) {
        String path = endpoint.path.replace("#", Integer.toString(1 + random.nextInt(100_000)));
        if (path.equals("/api/search")) {
            path += "?q=" + Integer.toString(random.nextInt(1 << 20), 36) + "&page=" + (1 + random.nextInt(9));
        }
        Template template = new Template().add("{");
        int id = -1;
        EventIds ids = mix.ids;
        if (ids != null) {
            template.add("\"id\":\"");
            id = template.slot(ids.width());
            template.add("\",");
        }
        template.add("\"timestamp\":\"");
        int timestamp = template.slot(Slots.TIMESTAMP);
        template.add("\",\"type\":\"request\"");
        if (mix.source == null) {
            template.add(String.format(Locale.ROOT, ",\"source\":\"web-%02d\"", random.nextInt(8)));
        }
        template.add(",\"user_id\":\"user-");
        int user = template.slot(6);
        template.add("\",\"session_id\":\"").add(Long.toHexString(random.nextLong() | Long.MIN_VALUE));
        template.add("\",\"trace_id\":\"");
        int trace = template.slot(Slots.HEX_128);
        template.add("\",\"method\":\"").add(endpoint.method);
        template.add("\",\"endpoint\":\"").add(path);
        template.add("\",\"status_code\":");
        int status = template.slot(3);
        template.add(",\"latency_ms\":");
        int latency = template.slot(LATENCY_WIDTH);
        template.add(",\"bytes\":");
        int size = template.slot(SIZE_WIDTH);
        if (random.nextInt(3) > 0) {
            template.add(",\"referrer\":\"")
                    .add(REFERRERS[random.nextInt(REFERRERS.length)])
                    .add("\"");
        }
        template.add(",\"user_agent\":\"").add(userAgent);
        template.add(String.format(
                Locale.ROOT,
                "\",\"client_ip\":\"%d.%d.%d.%d\"",
                1 + random.nextInt(222),
                random.nextInt(256),
                random.nextInt(256),
                1 + random.nextInt(254)));
        template.add(String.format(
                Locale.ROOT,
                ",\"attributes\":{\"region\":\"eu-%s-%d\",\"host\":\"pod-%s\",\"build\":\"3.%d.%d\",\"cache_hit\":%b,"
                        + "\"cart_value\":%d.%02d,\"experiment\":\"exp-%d\",\"db_calls\":%d",
                random.nextBoolean() ? "west" : "central",
                1 + random.nextInt(3),
                Integer.toString(random.nextInt(1 << 24), 36),
                random.nextInt(30),
                random.nextInt(10),
                random.nextBoolean(),
                random.nextInt(400),
                random.nextInt(100),
                random.nextInt(12),
                random.nextInt(20)));
        int missing = mix.eventBytes - template.length() - ",\"note\":\"\"}}".length();
        if (missing > 0) {
            template.add(",\"note\":\"").addProse(missing, random).add("\"");
        }
        template.add("}}\n");
        return new Ready(
                template.bytes(),
                id,
                timestamp,
                user,
                trace,
                status,
                latency,
                size,
                endpoint.status,
                endpoint.medianMillis * 1000);
    }

    @Override
    public String path() {
        return mix.source == null ? "/v1/events" : "/v1/events?source=" + mix.source;
    }

    @Override
    public String contentType() {
        return "application/x-ndjson";
    }

    @Override
    public int maxBytes() {
        return maxBytes;
    }

    @Override
    public boolean lastWasValid() {
        return lastWasValid;
    }

    @Override
    public int render(byte[] into, int at, long sequence, long epochMillis) {
        Ready chosen = ready[random.nextInt(TEMPLATES)];
        System.arraycopy(chosen.bytes, 0, into, at, chosen.bytes.length);
        EventIds ids = mix.ids;
        if (ids != null) {
            ids.write(into, at + chosen.id, sequence);
        }
        slots.timestamp(into, at + chosen.timestamp, epochMillis);
        Slots.digits(into, at + chosen.user, 6, users.draw(random));
        Slots.hex(into, at + chosen.trace, random.nextLong());
        Slots.hex(into, at + chosen.trace + 16, random.nextLong());
        double micros = chosen.medianMicros * spread[random.nextInt(spread.length)];
        int status = chosen.goodStatus;
        double fate = random.nextDouble();
        if (fate < mix.errorRate) {
            status = SERVER_ERRORS[random.nextInt(SERVER_ERRORS.length)];
            micros *= status == 504 ? 40 : 3;
        } else if (fate > 1 - SHARE_OF_CLIENT_ERRORS) {
            status = CLIENT_ERRORS[random.nextInt(CLIENT_ERRORS.length)];
            micros *= 0.5;
        }
        lastWasValid = mix.invalidRate == 0 || random.nextDouble() >= mix.invalidRate;
        Slots.digits(into, at + chosen.status, 3, lastWasValid ? status : 999);
        Slots.decimal(into, at + chosen.latency, LATENCY_WIDTH, Math.min(99_999_999, (long) micros));
        long size = (long) (2_500 * spread[random.nextInt(spread.length)] * spread[random.nextInt(spread.length)]);
        Slots.integer(into, at + chosen.size, SIZE_WIDTH, Math.min(999_999, size));
        return chosen.bytes.length;
    }
}
