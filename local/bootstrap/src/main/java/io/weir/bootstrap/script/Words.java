package io.weir.bootstrap.script;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a script into commands of words by the shell's rules: words stand between blanks; single or double quotes keep
 * blanks; a backslash takes the next character as it is; a backslash at the end of a line continues the command on the
 * next; a line that begins with {@code #} or {@code //} is a comment.
 */
final class Words {

    private final String text;
    private int at;
    private int line = 1;
    private int column = 1;

    private Words(String text) {
        this.text = text;
    }

    /** The commands of the script in order, none of them empty. */
    static List<List<Word>> of(String script) {
        Words words = new Words(script.replace("\r\n", "\n"));
        List<List<Word>> commands = new ArrayList<>();
        while (words.at < words.text.length()) {
            List<Word> command = words.command();
            if (!command.isEmpty()) {
                commands.add(command);
            }
        }
        return commands;
    }

    private List<Word> command() {
        List<Word> command = new ArrayList<>();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                advance();
                return command;
            } else if (continuesOnNextLine()) {
                advance();
                advance();
            } else if (Character.isWhitespace(c)) {
                advance();
            } else if (command.isEmpty() && (c == '#' || text.startsWith("//", at))) {
                skipLine();
            } else {
                command.add(word());
            }
        }
        return command;
    }

    private Word word() {
        Position start = position();
        char first = text.charAt(at);
        StringBuilder word = new StringBuilder();
        char quote = 0;
        Position quoteStart = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (continuesOnNextLine()) {
                if (quote == 0) {
                    break;
                }
                advance();
                advance();
            } else if (c == '\n' || (quote == 0 && Character.isWhitespace(c))) {
                break;
            } else if (c == '\\' && at + 1 < text.length()) {
                advance();
                word.append(text.charAt(at));
                advance();
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                quoteStart = position();
                advance();
            } else if (c == quote) {
                quote = 0;
                advance();
            } else {
                word.append(c);
                advance();
            }
        }
        if (quote != 0) {
            throw new ScriptException(quoteStart, "the quote " + quote + " is not closed on its line");
        }
        return new Word(word.toString(), first == '"' || first == '\'', start);
    }

    private boolean continuesOnNextLine() {
        return text.charAt(at) == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
    }

    private void skipLine() {
        while (at < text.length() && text.charAt(at) != '\n') {
            advance();
        }
    }

    private Position position() {
        return new Position(line, column);
    }

    private void advance() {
        if (text.charAt(at) == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
        at++;
    }
}
