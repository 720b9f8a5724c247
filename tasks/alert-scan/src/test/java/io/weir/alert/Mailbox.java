package io.weir.alert;

import com.icegreen.greenmail.Managers;
import com.icegreen.greenmail.mail.MailAddress;
import com.icegreen.greenmail.server.AbstractServer;
import com.icegreen.greenmail.smtp.SmtpManager;
import com.icegreen.greenmail.smtp.SmtpState;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A mail server that does not know some recipients. */
final class Mailbox extends GreenMail {

    private final Set<String> unknown = ConcurrentHashMap.newKeySet();

    Mailbox() {
        super(patient());
    }

    private static ServerSetup patient() {
        ServerSetup setup = ServerSetup.SMTP.dynamicPort();
        setup.setServerStartupTimeout(60_000);
        return setup;
    }

    void doesNotKnow(String address) {
        unknown.add(address);
    }

    @Override
    protected Map<String, AbstractServer> createServices(ServerSetup[] setups, Managers plain) {
        SmtpManager manager = new SmtpManager(plain.getImapHostManager(), plain.getUserManager()) {
            @Override
            public String checkRecipient(SmtpState state, MailAddress recipient) {
                return unknown.contains(recipient.getEmail()) ? "550 no such user" : null;
            }
        };
        return super.createServices(setups, new Managers() {
            @Override
            public SmtpManager getSmtpManager() {
                return manager;
            }
        });
    }
}
