package io.weir.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.metadata.retention.RetainedTable;
import org.junit.jupiter.api.Test;

class ItemTest {

    @Test
    void aPartitionIsNamedByItsTableAndDay() {
        assertThat(Item.named("events:2026-10-01")).isEqualTo(Item.whole(RetainedTable.EVENTS, "20261001"));
        assertThat(Item.named("rollup_hour:20261001")).isEqualTo(Item.whole(RetainedTable.ROLLUP_HOUR, "20261001"));
    }

    @Test
    void whatIsNoPartitionIsRefusedByName() {
        for (String text :
                new String[] {"events", "events:", "events:2026-13-01", "users:2026-10-01", "rollup_year:20260101"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Item.named(text))
                    .withMessageContaining("weir.retention.restore is " + text);
        }
    }

    @Test
    void anItemSurvivesAsTextWhateverItsTenantIsCalled() {
        for (String tenant : new String[] {"", "acme", "a:b\nc d%'", Item.NOBODY}) {
            Item item = new Item(RetainedTable.EVENTS, "20261001", tenant, 5, 6);
            assertThat(Item.parse(item.text())).isEqualTo(item);
            assertThat(item.text()).doesNotContain("\n");
        }
    }

    @Test
    void tenantsNeverShareAFile() {
        Item one = new Item(RetainedTable.EVENTS, "20261001", "a".repeat(63), 0, 0);
        Item other = new Item(RetainedTable.EVENTS, "20261001", "a".repeat(62), 0, 0);
        assertThat(one.tenantInFiles()).isNotEqualTo(other.tenantInFiles()).hasSizeLessThan(30);
    }
}
