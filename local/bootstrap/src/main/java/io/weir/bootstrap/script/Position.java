package io.weir.bootstrap.script;

/** A place in a script; both count from 1. */
public record Position(int line, int column) {

    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
