package io.weir.emulator;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.SplittableRandom;

/** Lines of a web server's access log in the combined format. */
public final class AccessLog implements Workload {

    private static final int LINES = 512;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final int TIME_WIDTH = 26;
    private static final String[] PATHS = {
        "/", "/index.html", "/blog/2026/11", "/images/logo.png", "/feed.xml", "/about"
    };
    private static final String[] AGENTS = {
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
    };

    private record Line(byte[] bytes, int time) {}

    private final SplittableRandom random;
    private final Line[] lines = new Line[LINES];
    private final int maxBytes;
    private long second = Long.MIN_VALUE;
    private byte[] time = new byte[TIME_WIDTH];

    public AccessLog(double errorRate, long seed) {
        this.random = new SplittableRandom(seed);
        Zipf paths = new Zipf(PATHS.length, 1);
        int largest = 0;
        for (int i = 0; i < LINES; i++) {
            Template template = new Template()
                    .add(String.format(
                            Locale.ROOT,
                            "%d.%d.%d.%d - - [",
                            1 + random.nextInt(222),
                            random.nextInt(256),
                            random.nextInt(256),
                            1 + random.nextInt(254)));
            int at = template.slot(TIME_WIDTH);
            int status = random.nextDouble() < errorRate ? 500 : random.nextInt(30) == 0 ? 404 : 200;
            template.add(String.format(
                    Locale.ROOT,
                    "] \"GET %s HTTP/1.1\" %d %d \"-\" \"%s\"\n",
                    PATHS[paths.draw(random)],
                    status,
                    200 + random.nextInt(50_000),
                    AGENTS[random.nextInt(AGENTS.length)]));
            lines[i] = new Line(template.bytes(), at);
            largest = Math.max(largest, lines[i].bytes.length);
        }
        this.maxBytes = largest;
    }

    @Override
    public String path() {
        return "/v1/logs?format=combined&source=emulated-web";
    }

    @Override
    public String contentType() {
        return "text/plain";
    }

    @Override
    public int maxBytes() {
        return maxBytes;
    }

    @Override
    public int render(byte[] into, int at, long sequence, long epochMillis) {
        if (epochMillis / 1000 != second) {
            second = epochMillis / 1000;
            time = TIME.format(Instant.ofEpochSecond(second)).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }
        Line line = lines[random.nextInt(LINES)];
        System.arraycopy(line.bytes, 0, into, at, line.bytes.length);
        System.arraycopy(time, 0, into, at + line.time, TIME_WIDTH);
        return line.bytes.length;
    }
}
