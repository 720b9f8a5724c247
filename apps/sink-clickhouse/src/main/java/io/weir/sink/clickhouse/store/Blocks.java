package io.weir.sink.clickhouse.store;

import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Stage;
import io.weir.warehouse.table.DeadLetterBlock;
import io.weir.warehouse.table.EventBlock;

/** The columns that one thread fills again and again. */
record Blocks(EventReader reader, EventBlock events, DeadLetterBlock deadLetters) {

    Blocks() {
        this(new EventReader(EventLimits.DEFAULT, Stage.ENRICHED), new EventBlock(), new DeadLetterBlock());
    }

    void clear() {
        events.clear();
        deadLetters.clear();
    }
}
