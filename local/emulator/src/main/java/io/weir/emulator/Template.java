package io.weir.emulator;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Builds the ready-made bytes of an event and remembers where its changing parts go. ASCII only. */
final class Template {

    private static final String[] WORDS = {
        "cart",
        "checkout",
        "session",
        "cache",
        "miss",
        "hit",
        "shard",
        "replica",
        "retry",
        "queue",
        "worker",
        "tenant",
        "region",
        "bucket",
        "index",
        "cursor",
        "token",
        "renewed",
        "expired",
        "upstream",
        "downstream",
        "gateway",
        "payload",
        "variant",
        "experiment",
        "control",
        "feature",
        "enabled",
        "fallback",
        "primary",
        "secondary",
        "warehouse",
        "invoice",
        "parcel",
        "customer",
        "basket",
        "voucher",
        "search",
        "suggest",
        "recommend"
    };

    private final StringBuilder text = new StringBuilder();

    Template add(String literal) {
        text.append(literal);
        return this;
    }

    /** Reserves a place of this many bytes. */
    int slot(int width) {
        int at = text.length();
        text.append(" ".repeat(width));
        return at;
    }

    /** Adds words, and now and then a number, of exactly this many bytes. */
    Template addProse(int length, SplittableRandom random) {
        int end = text.length() + Math.max(0, length);
        while (text.length() < end) {
            text.append(
                            random.nextInt(4) == 0
                                    ? Long.toString(random.nextInt(1_000_000), 36)
                                    : WORDS[random.nextInt(WORDS.length)])
                    .append(' ');
        }
        text.setLength(end);
        if (length > 0 && text.charAt(end - 1) == ' ') {
            text.setCharAt(end - 1, '.');
        }
        return this;
    }

    int length() {
        return text.length();
    }

    byte[] bytes() {
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
