package io.weir.alert.channel;

import io.weir.metadata.notify.Notice;
import java.time.Instant;
import java.util.SortedMap;

/** Where the values come from that led to an alert. */
@FunctionalInterface
public interface Series {

    /** The last windows' values of an alert, NaN where there are none; empty if they cannot be had. Never throws. */
    SortedMap<Instant, Double> before(Notice.Item alert, Instant end);
}
