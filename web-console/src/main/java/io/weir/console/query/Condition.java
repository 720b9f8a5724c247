package io.weir.console.query;

import java.util.List;
import java.util.stream.Stream;

/** Which events a query is about. */
public sealed interface Condition {

    /** All of them; everything if there are none. */
    record And(List<Condition> conditions) implements Condition {
        public And {
            conditions = List.copyOf(conditions);
        }
    }

    /** At least one of them. */
    record Or(List<Condition> conditions) implements Condition {
        public Or {
            conditions = List.copyOf(conditions);
        }
    }

    record Not(Condition condition) implements Condition {}

    /**
     * One field against values.
     *
     * @param values text, numbers (as {@code Double}) or flags; one, but for IN, NOT_IN and EXISTS
     */
    record Test(Field field, Operator operator, List<Object> values) implements Condition {
        public Test {
            values = List.copyOf(values);
        }
    }

    /** How a field is compared. A number that is absent compares to nothing, so that no test of it holds but that of its absence. */
    enum Operator {
        EQ,
        NE,
        IN,
        NOT_IN,
        GT,
        GTE,
        LT,
        LTE,
        STARTS_WITH,
        CONTAINS,
        EXISTS;

        boolean orders() {
            return this == GT || this == GTE || this == LT || this == LTE;
        }

        boolean ofText() {
            return this == STARTS_WITH || this == CONTAINS;
        }

        boolean ofMany() {
            return this == IN || this == NOT_IN;
        }
    }

    /** Every field that is compared. */
    default Stream<Field> fields() {
        if (this instanceof And and) {
            return and.conditions().stream().flatMap(Condition::fields);
        }
        if (this instanceof Or or) {
            return or.conditions().stream().flatMap(Condition::fields);
        }
        if (this instanceof Not not) {
            return not.condition().fields();
        }
        return Stream.of(((Test) this).field());
    }
}
