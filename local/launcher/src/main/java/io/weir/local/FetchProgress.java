package io.weir.local;

import io.weir.local.clickhouse.ClickHouseEngine;

/** Shows how far a download is: on a terminal it moves, elsewhere it is one line. */
final class FetchProgress implements ClickHouseEngine.Progress {

    private final boolean terminal = System.console() != null;
    private String last = "";

    @Override
    public void at(String what, long done, long total) {
        if (terminal) {
            System.out.printf("\r  %s  %d of %d MB   ", what, done >> 20, total >> 20);
            if (done >= total) {
                System.out.println();
            }
        } else if (!what.equals(last)) {
            System.out.println("  " + what + " (" + (total >> 20) + " MB, once)");
        }
        last = what;
    }
}
