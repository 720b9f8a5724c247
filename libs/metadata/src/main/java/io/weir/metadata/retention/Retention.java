package io.weir.metadata.retention;

import java.time.LocalDate;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How long the rows of one table are kept.
 *
 * @param byDefault days, empty for ever: of tenants that are not named
 * @param byTenant days, empty for ever: of tenants that have a policy of their own
 */
public record Retention(OptionalInt byDefault, Map<String, OptionalInt> byTenant) {

    public Retention {
        byTenant = Map.copyOf(byTenant);
    }

    /** Whether a tenant's rows of a day are older than they are kept. */
    public boolean isOver(String tenant, LocalDate day, LocalDate today) {
        return isOver(byTenant.getOrDefault(tenant, byDefault), day, today);
    }

    /** Whether anybody's rows of a day can be older than they are kept. */
    public boolean mayBeOver(LocalDate day, LocalDate today) {
        return isOver(byDefault, day, today) || anyIsOver(byTenant.values(), day, today);
    }

    private static boolean anyIsOver(Collection<OptionalInt> retentions, LocalDate day, LocalDate today) {
        return retentions.stream().anyMatch(days -> isOver(days, day, today));
    }

    private static boolean isOver(OptionalInt days, LocalDate day, LocalDate today) {
        return days.isPresent() && day.plusDays(days.getAsInt()).isBefore(today);
    }
}
