package io.weir.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailServerTest {

    @TempDir
    private Path folder;

    private MailServer server;

    @BeforeEach
    void start() throws IOException {
        server = MailServer.start(folder, 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Says each line and returns the last answer. */
    private String say(String... lines) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), server.port())) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String answer = in.readLine();
            for (String line : lines) {
                socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
                do {
                    answer = in.readLine();
                } while (answer != null && answer.length() > 3 && answer.charAt(3) == '-');
            }
            return answer;
        }
    }

    @Test
    void keepsAMailAndShowsItsPlainPart() throws IOException {
        String message = String.join(
                "\r\n",
                "From: Weir <weir@example.com>",
                "Subject: =?UTF-8?Q?Fehlerrate_zu_hoch_=E2=80=93_?= =?UTF-8?B?VGVzdA==?=",
                "Content-Type: multipart/alternative;",
                " boundary=\"b1\"",
                "",
                "--b1",
                "Content-Type: text/plain; charset=UTF-8",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "L=C3=A4uft wie=",
                "der.",
                "..ein Punkt",
                "--b1",
                "Content-Type: text/html",
                "",
                "<p>nein</p>",
                "--b1--",
                ".");
        assertThat(say("EHLO test", "MAIL FROM:<weir@example.com>", "RCPT TO:<ops@example.com>", "DATA", message))
                .startsWith("250 kept as ");
        List<String> ids = Mail.ids(folder);
        assertThat(ids).hasSize(1);
        Mail mail = Mail.read(folder, ids.get(0));
        assertThat(mail.subject()).isEqualTo("Fehlerrate zu hoch \u2013 Test");
        assertThat(mail.to()).isEqualTo("ops@example.com");
        assertThat(mail.text().lines()).containsExactly("L\u00e4uft wieder.", ".ein Punkt");
    }

    @Test
    void keepsNothingOfAMailThatIsBrokenOff() throws IOException {
        say("HELO test", "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "DATA");
        assertThat(say("NOOP")).startsWith("250");
        assertThat(Mail.ids(folder)).isEmpty();
    }

    @Test
    void refusesWhatIsTooLargeOrOutOfOrder() throws IOException {
        assertThat(say("HELO test", "RCPT TO:<d@e.f>")).startsWith("503");
        assertThat(say("HELO test", "DATA")).startsWith("503");
        String line = "x".repeat(1000) + "\r\n";
        assertThat(say(
                        "HELO test",
                        "MAIL FROM:<a@b.c>",
                        "RCPT TO:<d@e.f>",
                        "DATA",
                        line.repeat(MailServer.LARGEST_MESSAGE / 1000) + "."))
                .startsWith("552");
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void anIdThatIsNoneIsSaidSo() {
        assertThatThrownBy(() -> Mail.read(folder, "../secrets"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("'../secrets'");
    }
}
