package io.weir.emulator;

import java.time.LocalDate;

/**
 * Writes values over reserved places of ready-made bytes. Everything is ASCII and of fixed width, so an event is made by
 * one copy and a handful of patches.
 */
final class Slots {

    /** Width of {@code 2026-11-21T02:13:02.123Z}. */
    static final int TIMESTAMP = 24;

    static final int HEX_128 = 32;

    private static final long DAY = 86_400_000L;
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private long day = Long.MIN_VALUE;
    private final byte[] date = new byte[10];

    /** Writes milliseconds since the epoch as RFC 3339 in UTC. */
    void timestamp(byte[] into, int at, long epochMillis) {
        long epochDay = Math.floorDiv(epochMillis, DAY);
        if (epochDay != day) {
            LocalDate local = LocalDate.ofEpochDay(epochDay);
            digits(date, 0, 4, local.getYear());
            date[4] = '-';
            digits(date, 5, 2, local.getMonthValue());
            date[7] = '-';
            digits(date, 8, 2, local.getDayOfMonth());
            day = epochDay;
        }
        System.arraycopy(date, 0, into, at, 10);
        int ofDay = (int) Math.floorMod(epochMillis, DAY);
        into[at + 10] = 'T';
        digits(into, at + 11, 2, ofDay / 3_600_000);
        into[at + 13] = ':';
        digits(into, at + 14, 2, ofDay / 60_000 % 60);
        into[at + 16] = ':';
        digits(into, at + 17, 2, ofDay / 1000 % 60);
        into[at + 19] = '.';
        digits(into, at + 20, 3, ofDay % 1000);
        into[at + 23] = 'Z';
    }

    /** Writes a number with leading zeros. */
    static void digits(byte[] into, int at, int width, long value) {
        long rest = value;
        for (int i = at + width - 1; i >= at; i--) {
            into[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** Writes thousandths as a JSON number with three decimals, followed by spaces up to the width. */
    static void decimal(byte[] into, int at, int width, long thousandths) {
        int position = at;
        if (thousandths < 0) {
            into[position++] = '-';
        }
        long size = Math.abs(thousandths);
        position = number(into, position, size / 1000);
        into[position] = '.';
        digits(into, position + 1, 3, size % 1000);
        spaces(into, position + 4, at + width);
    }

    /** Writes a number that is not negative, followed by spaces up to the width. */
    static void integer(byte[] into, int at, int width, long value) {
        spaces(into, number(into, at, value), at + width);
    }

    private static int number(byte[] into, int at, long value) {
        int length = 1;
        for (long power = 10; power <= value; power *= 10) {
            length++;
        }
        digits(into, at, length, value);
        return at + length;
    }

    private static void spaces(byte[] into, int from, int to) {
        for (int i = from; i < to; i++) {
            into[i] = ' ';
        }
    }

    /** Writes 64 bits as 16 hexadecimal digits. */
    static void hex(byte[] into, int at, long bits) {
        for (int i = 0; i < 16; i++) {
            into[at + i] = HEX[(int) (bits >>> (60 - 4 * i)) & 0xf];
        }
    }
}
