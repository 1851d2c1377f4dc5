import KafkaMessages
import Logging

/// Answers every request that the controller's state machine decides about; which those are says `ControllerRequest`.
struct ControllerRequestHandler<Request: ControllerRequest>: APIHandler {
    static var versions: ClosedRange<Int16> { Request.controllerVersions }

    let core: ControllerCore

    func handle(_ request: Request, _ context: RequestContext) async -> Reply<Request.Response> {
        do throws(PartitionError) {
            return .respond(try core.driver.perform(version: context.version) { request.decide(&$0, $1) })
        } catch {
            // The disk refuses: whoever asked must not take it for done, and finds out by asking again.
            core.logger.error("Metadata cannot be written", metadata: ["error": "\(error.message ?? error.code.name)"])
            return .close(reason: "the metadata log cannot be written: \(error.message ?? error.code.name)")
        }
    }
}
