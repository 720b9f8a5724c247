package io.weir.emulator;

import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Readings of devices in turn: temperature and humidity follow the time of day, the battery drains over a week, and all
 * of it is noisy.
 */
public final class DeviceReadings implements Workload {

    private static final int NUMBER_WIDTH = 10;
    private static final double DAY = 86_400_000.0;
    private static final double WEEK = 7 * DAY;

    private record Device(
            byte[] bytes,
            int id,
            int timestamp,
            int temperature,
            int humidity,
            int power,
            int battery,
            double baseTemperature,
            double baseHumidity,
            double basePower,
            double phase) {}

    private final Device[] devices;
    private final @Nullable EventIds ids;
    private final SplittableRandom random;
    private final Slots slots = new Slots();
    private final int maxBytes;

    /**
     * @param count how many devices there are
     * @param eventBytes readings are padded to this size; 0 leaves them as they are, about 350 bytes
     * @param ids null lets the source name the events
     */
    public DeviceReadings(int count, int eventBytes, @Nullable EventIds ids, long seed) {
        this.ids = ids;
        this.random = new SplittableRandom(seed);
        this.devices = new Device[count];
        int largest = 0;
        for (int i = 0; i < count; i++) {
            devices[i] = prepare(i, eventBytes);
            largest = Math.max(largest, devices[i].bytes.length);
        }
        this.maxBytes = largest;
    }

    private Device prepare(int number, int eventBytes) {
        Template template = new Template().add("{");
        int id = -1;
        if (ids != null) {
            template.add("\"id\":\"");
            id = template.slot(ids.width());
            template.add("\",");
        }
        template.add("\"timestamp\":\"");
        int timestamp = template.slot(Slots.TIMESTAMP);
        template.add(String.format(
                Locale.ROOT,
                "\",\"type\":\"reading\",\"source\":\"gateway-%02d\",\"device_id\":\"device-%04d\",\"measurements\":{",
                number % 5,
                number));
        template.add("\"temperature_celsius\":");
        int temperature = template.slot(NUMBER_WIDTH);
        template.add(",\"humidity_percent\":");
        int humidity = template.slot(NUMBER_WIDTH);
        template.add(",\"power_watts\":");
        int power = template.slot(NUMBER_WIDTH);
        template.add(",\"battery_volts\":");
        int battery = template.slot(NUMBER_WIDTH);
        template.add(String.format(
                Locale.ROOT,
                "},\"attributes\":{\"model\":\"sensor-%s\",\"firmware\":\"2.%d.%d\",\"floor\":%d",
                number % 3 == 0 ? "a" : "b",
                random.nextInt(4),
                random.nextInt(10),
                number % 7));
        int missing = eventBytes - template.length() - ",\"note\":\"\"}}".length();
        if (missing > 0) {
            template.add(",\"note\":\"").addProse(missing, random).add("\"");
        }
        template.add("}}\n");
        return new Device(
                template.bytes(),
                id,
                timestamp,
                temperature,
                humidity,
                power,
                battery,
                18 + random.nextDouble(6),
                40 + random.nextDouble(20),
                60 + random.nextDouble(400),
                random.nextDouble(0.1));
    }

    @Override
    public String path() {
        return "/v1/events";
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
    public int render(byte[] into, int at, long sequence, long epochMillis) {
        Device device = devices[(int) (sequence % devices.length)];
        System.arraycopy(device.bytes, 0, into, at, device.bytes.length);
        EventIds own = ids;
        if (own != null) {
            own.write(into, at + device.id, sequence);
        }
        slots.timestamp(into, at + device.timestamp, epochMillis);
        // Warmest and driest in the afternoon (UTC), most power by day.
        double curve = Math.sin(2 * Math.PI * (epochMillis / DAY - 0.375 + device.phase));
        put(into, at + device.temperature, device.baseTemperature + 4 * curve + noise(0.15));
        put(into, at + device.humidity, device.baseHumidity - 9 * curve + noise(0.6));
        put(into, at + device.power, Math.max(0, device.basePower * (1 + 0.6 * curve) + noise(8)));
        put(into, at + device.battery, 4.15 - 0.6 * ((epochMillis / WEEK + device.phase * 10) % 1) + noise(0.004));
        return device.bytes.length;
    }

    private static void put(byte[] into, int at, double value) {
        Slots.decimal(into, at, NUMBER_WIDTH, Math.round(value * 1000));
    }

    /** Close to normal: the sum of four uniform numbers. */
    private double noise(double deviation) {
        double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble() - 2;
        return sum * deviation * 1.732;
    }
}
