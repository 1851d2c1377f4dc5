import KafkaMessages
import KafkaWire
import NIOCore
import Testing

@testable import SwkafkaCommands

@Suite struct FormatCredentialTests {
    /// The example of RFC 7677.
    @Test func users() throws {
        let keys = try FormatCredential(
            "SCRAM-SHA-256=[name=user,password=pencil,salt=\"W22ZaJ0SNY7soEsUEjb6gQ==\",iterations=4096]"
        ).record
        #expect(keys.name == "user" && keys.mechanism == 1 && keys.iterations == 4096)
        #expect(Base64.text(keys.serverKey.readableBytesView) == "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")
        let salted = Base64.text(
            ScramAlgorithm.sha256.saltedPassword(
                "pencil",
                salt: Array(keys.salt.readableBytesView),
                iterations: 4096
            )
        )
        let same = try FormatCredential(
            "SCRAM-SHA-256=[name=user,saltedpassword=\"\(salted)\",salt=\"W22ZaJ0SNY7soEsUEjb6gQ==\"]"
        ).record
        #expect(same == keys)
        let other = try FormatCredential("SCRAM-SHA-512=[name=\"a,b\",password=x]").record
        #expect(other.name == "a,b" && other.salt.readableBytes == 24 && other.storedKey.readableBytes == 64)
    }

    @Test(arguments: [
        "", "SCRAM-SHA-256", "SCRAM-SHA-256=name=a,password=secret", "PLAIN=[name=a,password=secret]",
        "SCRAM-SHA-256=[password=secret]", "SCRAM-SHA-256=[name=a]",
        "SCRAM-SHA-256=[name=a,password=secret,saltedpassword=AA==]",
        "SCRAM-SHA-256=[name=a,saltedpassword=AAAA]", "SCRAM-SHA-256=[name=a,password=secret,iterations=1]",
        "SCRAM-SHA-256=[name=a,password=secret,salt=?]", "SCRAM-SHA-256=[name=a,password=secret,nope=1]",
        "SCRAM-SHA-256=[name=a,name=b,password=secret]", "SCRAM-SHA-256=[name=\"a\"b,password=secret]",
    ])
    func mistakes(text: String) {
        let failure = #expect(throws: CommandFailure.self) { try FormatCredential(text) }
        #expect(failure?.message.contains("secret") == false || failure?.status == .usage)
    }
}
