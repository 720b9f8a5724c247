package io.weir.bench.books;

import java.util.List;

/**
 * One line of the books.
 *
 * @param rule what must hold
 * @param numbers what was found
 * @param holds whether it does
 * @param offenders some of what breaks the rule; empty if it holds
 */
public record Line(String rule, String numbers, boolean holds, List<String> offenders) {}
