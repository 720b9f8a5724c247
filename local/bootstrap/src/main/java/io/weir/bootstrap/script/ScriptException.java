package io.weir.bootstrap.script;

/** A script that cannot be read. The message names the line and column. */
public class ScriptException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ScriptException(Position position, String problem) {
        super(position + ": " + problem);
    }
}
