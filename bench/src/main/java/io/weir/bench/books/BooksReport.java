package io.weir.bench.books;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The books as text: one line a rule, PASS or FAIL first, and below a FAIL what breaks it. */
public final class BooksReport {

    private BooksReport() {}

    /** @return whether every line holds */
    public static boolean print(List<Line> lines, PrintStream out) {
        out.println();
        boolean all = true;
        for (Line line : lines) {
            all &= line.holds();
            out.printf(Locale.ROOT, "%s  %s%n      %s%n", line.holds() ? "PASS" : "FAIL", line.rule(), line.numbers());
            for (String offender : line.offenders()) {
                out.println("        " + offender);
            }
        }
        out.println();
        out.println(all ? "PASS: the books close, to the record." : "FAIL: the books do not close.");
        return all;
    }
}
