package io.weir.bootstrap.script;

/**
 * One word of a command, its quotes and escapes taken off.
 *
 * @param quoted whether it began with a quote, and so is a value even if it begins with {@code --}
 */
record Word(String text, boolean quoted, Position position) {

    boolean isOption() {
        return !quoted && text.length() > 2 && text.startsWith("--");
    }
}
