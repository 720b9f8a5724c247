package io.weir.retention;

/** What was archived, restored or copied is not what it was made of. */
final class ArchiveDifferenceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    ArchiveDifferenceException(String message) {
        super(message);
    }
}
