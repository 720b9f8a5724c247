package io.weir.alert.channel;

import io.weir.alert.deliver.DeliveryException;
import io.weir.alert.deliver.Sender;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.Severity;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.mail.MailException;
import org.springframework.mail.MailParseException;
import org.springframework.mail.MailSendException;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.mail.javamail.MimeMessageHelper;

/**
 * Mail by SMTP, as HTML and as text, with the series as a picture in it. Settings: {@code to} (addresses).
 *
 * <p>The id of the message is that of the notice, so mail programs show a notice that was sent twice once or side by side; what
 * belongs to one incident is one thread. A mail that the server takes for some of its recipients is sent: it is not tried again for
 * the others, which are in the delivery log.
 */
public final class Email implements Sender {

    private static final int MOST_ALERTS = 20;
    private static final int MOST_PICTURES = 3;

    private final JavaMailSender mail;
    private final Words words;
    private final Series series;
    private final String from;

    public Email(JavaMailSender mail, Words words, Series series, String from) {
        this.mail = mail;
        this.words = words;
        this.series = series;
        this.from = from;
    }

    @Override
    public Channel.Kind kind() {
        return Channel.Kind.EMAIL;
    }

    @Override
    public String send(Notice notice, Channel channel) throws DeliveryException {
        List<String> to = Settings.of(channel).texts("to");
        try {
            mail.send(message(notice, to));
            return "accepted for " + to.size() + " recipients";
        } catch (MailParseException e) {
            throw DeliveryException.refused("settings.to or weir.alert.mail-from is not an address: " + e.getMessage());
        } catch (MailSendException e) {
            Exception failure = failure(e);
            if (failure instanceof SendFailedException some && count(some.getValidSentAddresses()) > 0) {
                return "accepted for " + count(some.getValidSentAddresses()) + " recipients, " + refusals(some);
            }
            String why = why(e);
            if (isRefusal(failure)) {
                throw DeliveryException.refused(why);
            }
            throw isUnanswered(failure) ? DeliveryException.unanswered(why) : DeliveryException.failed(why);
        } catch (MailException e) {
            throw DeliveryException.failed(why(e));
        } catch (MessagingException e) {
            throw DeliveryException.refused("the mail could not be made: " + e.getMessage());
        }
    }

    /** Every recipient was refused for good. */
    private static boolean isRefusal(Exception failure) {
        return failure instanceof SendFailedException refusal
                && count(refusal.getValidUnsentAddresses()) == 0
                && count(refusal.getInvalidAddresses()) > 0;
    }

    /** There was no connection, or it broke. */
    private static boolean isUnanswered(Exception failure) {
        return Stream.iterate((Throwable) failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof IOException);
    }

    /** Who did not get the mail, and what the server said of each. */
    private static String refusals(SendFailedException failure) {
        String addresses = Stream.of(failure.getInvalidAddresses(), failure.getValidUnsentAddresses())
                .filter(Objects::nonNull)
                .flatMap(Stream::of)
                .map(Address::toString)
                .collect(Collectors.joining(", "));
        String answers = Stream.iterate(failure.getNextException(), Objects::nonNull, Email::next)
                .map(answer -> String.valueOf(answer.getMessage()).strip())
                .collect(Collectors.joining("; "));
        return "refused for " + addresses + ": " + answers;
    }

    private static @Nullable Exception next(Exception failure) {
        return failure instanceof MessagingException chained ? chained.getNextException() : null;
    }

    private static int count(Address @Nullable [] addresses) {
        return addresses == null ? 0 : addresses.length;
    }

    /** One message was sent, so one at most has failed. */
    private static Exception failure(MailSendException e) {
        return e.getFailedMessages().values().stream().findFirst().orElse(e);
    }

    private static String why(MailException e) {
        Exception cause = e instanceof MailSendException send ? failure(send) : e;
        String message = String.valueOf(cause.getMessage());
        return "SMTP: " + message.lines().findFirst().orElse(cause.getClass().getSimpleName());
    }

    private MimeMessage message(Notice notice, List<String> to) throws MessagingException {
        String domain = from.substring(from.indexOf('@') + 1).replace(">", "");
        MimeMessage message = new Identified(mail.createMimeMessage(), "<" + notice.id() + "@" + domain + ">");
        MimeMessageHelper helper = new MimeMessageHelper(message, true, StandardCharsets.UTF_8.name());
        helper.setFrom(from);
        helper.setTo(to.toArray(String[]::new));
        helper.setSubject("[Weir] " + words.title(notice));
        helper.setSentDate(Date.from(notice.at()));
        message.setHeader("References", "<group-" + notice.group() + "@" + domain + ">");
        message.setHeader("Auto-Submitted", "auto-generated");
        if (notice.severity() == Severity.CRITICAL && notice.firing() > 0) {
            message.setHeader("Importance", "high");
        }
        write(notice, helper);
        return message;
    }

    /** As text, as HTML, and with the pictures that the HTML shows. */
    private void write(Notice notice, MimeMessageHelper helper) throws MessagingException {
        StringBuilder html = new StringBuilder();
        StringBuilder text = new StringBuilder(words.title(notice)).append("\n\n");
        if (!notice.text().isEmpty()) {
            html.append("<div style=\"padding:16px;border-bottom:1px solid #e2e8f0\">")
                    .append(escaped(notice.text()))
                    .append("</div>");
            text.append(notice.text()).append("\n\n");
        }
        Map<String, byte[]> pictures = new LinkedHashMap<>();
        int number = 0;
        for (Notice.Item item :
                notice.alerts().subList(0, Math.min(MOST_ALERTS, notice.alerts().size()))) {
            String picture = "";
            if (number < MOST_PICTURES) {
                Instant until = item.until();
                SortedMap<Instant, Double> values = series.before(item, until == null ? notice.at() : until);
                if (values.values().stream().anyMatch(Double::isFinite)) {
                    picture = "series-" + number;
                    pictures.put(picture, SeriesPicture.png(values, item.usual()));
                }
            }
            number++;
            html.append(html(item, picture));
            text.append(text(item));
        }
        if (notice.alerts().size() > MOST_ALERTS) {
            String more = "and " + (notice.alerts().size() - MOST_ALERTS) + " more";
            html.append("<p>").append(more).append("</p>");
            text.append(more).append("\n\n");
        }
        if (notice.isOpen()) {
            text.append("Acknowledge: ").append(words.acknowledgeLink(notice)).append('\n');
        }
        text.append("Console: ").append(words.link(notice)).append('\n');
        helper.setText(text.toString(), page(notice, html));
        for (var picture : pictures.entrySet()) {
            helper.addInline(picture.getKey(), new ByteArrayResource(picture.getValue()), "image/png");
        }
    }

    private String page(Notice notice, StringBuilder alerts) {
        String colour = notice.firing() == 0
                ? "#15803d"
                : switch (notice.severity()) {
                    case CRITICAL -> "#b91c1c";
                    case WARNING -> "#b45309";
                    case INFO -> "#1d4ed8";
                };
        String acknowledge = notice.isOpen() ? button(words.acknowledgeLink(notice), "Acknowledge", colour) : "";
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s</title></head>
                <body style="margin:0;padding:0;background:#f1f5f9;font-family:-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.45;color:#0f172a">
                <div style="max-width:600px;margin:0 auto;background:#ffffff">
                <div style="background:%2$s;color:#ffffff;padding:16px;font-size:18px;font-weight:600">%1$s</div>
                %3$s
                <div style="padding:16px">%4$s%5$s</div>
                <div style="padding:0 16px 16px;color:#475569;font-size:13px">Weir, tenant %6$s. Times are UTC.</div>
                </div></body></html>
                """.formatted(
                        escaped(words.title(notice)),
                        colour,
                        alerts,
                        acknowledge,
                        button(words.link(notice), "Open in console", "#334155"),
                        escaped(notice.tenant()));
    }

    private String html(Notice.Item item, String picture) {
        String runbook = item.runbook();
        StringBuilder labels = new StringBuilder();
        item.labels().values().forEach((name, value) -> labels.append(escaped(name))
                .append(": <b>")
                .append(escaped(value))
                .append("</b><br>"));
        return """
                <div style="padding:16px;border-bottom:1px solid #e2e8f0">
                <div style="font-weight:600">%s</div>
                <div>%s</div>
                <div style="color:#475569;font-size:14px">%s%s</div>
                %s
                <div style="margin-top:8px"><a href="%s">Open</a> &nbsp; <a href="%s">Silence</a>%s</div>
                </div>
                """.formatted(
                        escaped(item.ruleName()),
                        escaped(item.message()),
                        labels,
                        Words.when(item),
                        picture.isEmpty()
                                ? ""
                                : "<img src=\"cid:" + picture
                                        + "\" alt=\"The last values of this alert\" width=\"568\" style=\"width:100%;max-width:568px;height:auto;margin-top:8px\">",
                        escaped(words.alertLink(item)),
                        escaped(words.silenceLink(item)),
                        runbook == null ? "" : " &nbsp; <a href=\"" + escaped(runbook) + "\">Runbook</a>");
    }

    private String text(Notice.Item item) {
        String runbook = item.runbook();
        return "* " + item.ruleName() + ": " + item.message() + "\n"
                + (item.labels().isEmpty() ? "" : "  " + item.labels() + "\n")
                + "  " + Words.when(item) + "\n"
                + "  Open: " + words.alertLink(item) + "\n"
                + "  Silence: " + words.silenceLink(item) + "\n"
                + (runbook == null ? "" : "  Runbook: " + runbook + "\n") + "\n";
    }

    private static String button(String address, String text, String colour) {
        return "<a href=\"" + escaped(address)
                + "\" style=\"display:inline-block;padding:12px 18px;margin:0 8px 8px 0;background:" + colour
                + ";color:#ffffff;text-decoration:none;border-radius:6px\">" + text + "</a>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A message that keeps its id: {@link MimeMessage#saveChanges} would make a new one. */
    private static final class Identified extends MimeMessage {
        private final String id;

        Identified(MimeMessage empty, String id) {
            super(empty.getSession());
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }
}
