package io.weir.alert.channel;

import io.weir.metadata.notify.Message;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.SortedMap;
import javax.imageio.ImageIO;

/**
 * A series as a PNG of 600 by 160: the line, what it is compared with (dashed), the scale and the time (UTC). Its digits are drawn
 * here, as images of servers have no fonts.
 */
final class SeriesPicture {

    static final int WIDTH = 600;
    static final int HEIGHT = 160;

    private static final int LEFT = 70;
    private static final int BOTTOM = 24;
    private static final int MARGIN = 12;
    private static final Color INK = new Color(0x33, 0x41, 0x55);
    private static final Color LINE = new Color(0x1d, 0x4e, 0xd8);
    private static final Color LIMIT = new Color(0xdc, 0x26, 0x26);
    private static final Color GRID = new Color(0xe2, 0xe8, 0xf0);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneOffset.UTC);

    // Three by five dots each, by rows.
    private static final Map<Character, String> DIGITS = Map.ofEntries(
            Map.entry('0', "###" + "# #" + "# #" + "# #" + "###"),
            Map.entry('1', " # " + "## " + " # " + " # " + "###"),
            Map.entry('2', "###" + "  #" + "###" + "#  " + "###"),
            Map.entry('3', "###" + "  #" + "###" + "  #" + "###"),
            Map.entry('4', "# #" + "# #" + "###" + "  #" + "  #"),
            Map.entry('5', "###" + "#  " + "###" + "  #" + "###"),
            Map.entry('6', "###" + "#  " + "###" + "# #" + "###"),
            Map.entry('7', "###" + "  #" + "  #" + " # " + " # "),
            Map.entry('8', "###" + "# #" + "###" + "# #" + "###"),
            Map.entry('9', "###" + "# #" + "###" + "  #" + "###"),
            Map.entry('.', "   " + "   " + "   " + "   " + " # "),
            Map.entry(':', "   " + " # " + "   " + " # " + "   "),
            Map.entry('-', "   " + "   " + "###" + "   " + "   "));

    private final SortedMap<Instant, Double> values;
    private final double usual;
    private final double low;
    private final double high;

    private SeriesPicture(SortedMap<Instant, Double> values, double usual) {
        this.values = values;
        this.usual = usual;
        double least = Double.isFinite(usual) ? usual : Double.POSITIVE_INFINITY;
        double most = Double.isFinite(usual) ? usual : Double.NEGATIVE_INFINITY;
        for (double value : values.values()) {
            if (Double.isFinite(value)) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        least = Math.min(least, 0) < 0 ? least : 0;
        this.low = least;
        this.high = most > least ? most : least + 1;
    }

    /** @param usual what the values are compared with, NaN for nothing; the series has at least one value */
    static byte[] png(SortedMap<Instant, Double> values, double usual) {
        return new SeriesPicture(values, usual).draw();
    }

    private byte[] draw() {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, WIDTH, HEIGHT);
        pen.setColor(GRID);
        pen.drawLine(LEFT, y(low), WIDTH - MARGIN, y(low));
        pen.drawLine(LEFT, y(high), WIDTH - MARGIN, y(high));
        pen.setColor(INK);
        write(pen, Message.number(high), LEFT - 8, y(high) - 5, true);
        write(pen, Message.number(low), LEFT - 8, y(low) - 5, true);
        write(pen, TIME.format(values.firstKey()), LEFT, HEIGHT - 16, false);
        write(pen, TIME.format(values.lastKey()), WIDTH - MARGIN, HEIGHT - 16, true);
        if (Double.isFinite(usual)) {
            pen.setColor(LIMIT);
            pen.setStroke(
                    new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 0, new float[] {6, 4}, 0));
            pen.drawLine(LEFT, y(usual), WIDTH - MARGIN, y(usual));
        }
        pen.setColor(LINE);
        pen.setStroke(new BasicStroke(2));
        Path2D line = new Path2D.Double();
        boolean drawing = false;
        int index = 0;
        for (double value : values.values()) {
            double x = LEFT + (WIDTH - MARGIN - LEFT) * (values.size() == 1 ? 1.0 : index / (values.size() - 1.0));
            index++;
            if (!Double.isFinite(value)) {
                drawing = false;
                continue;
            }
            if (drawing) {
                line.lineTo(x, y(value));
            } else {
                line.moveTo(x, y(value));
                line.lineTo(x, y(value));
            }
            drawing = true;
        }
        pen.draw(line);
        pen.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.setUseCache(false);
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private int y(double value) {
        double part = (value - low) / (high - low);
        return (int) Math.round(HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - MARGIN));
    }

    private static void write(Graphics2D pen, String text, int x, int y, boolean rightAligned) {
        int dot = 2;
        int advance = 4 * dot;
        int left = rightAligned ? x - text.length() * advance : x;
        for (int i = 0; i < text.length(); i++) {
            String digit = DIGITS.getOrDefault(text.charAt(i), " ".repeat(15));
            for (int cell = 0; cell < 15; cell++) {
                if (digit.charAt(cell) == '#') {
                    pen.fillRect(left + i * advance + cell % 3 * dot, y + cell / 3 * dot, dot, dot);
                }
            }
        }
    }
}
