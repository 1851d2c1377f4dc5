extension ConnectionFaults {
    /// Lets an attempt to connect fail, or wait, as the network would have it.
    ///
    /// - Parameter limit: how long an attempt may take.
    func awaitWay(to peer: PeerAddress, limit: Duration) async throws(ConnectionError) {
        let deadline = ContinuousClock.now + limit
        while let cut = condition(ofConnectionTo: peer).cut {
            switch cut {
            case .refused: throw .refused(peer)
            case .silent: break
            }
            guard ContinuousClock.now < deadline else { throw .connectTimedOut(peer, after: limit) }
            do {
                try await Task.sleep(for: .milliseconds(FaultyLinkHandler.glanceMs))
            } catch {
                throw .cancelled(peer)
            }
        }
    }
}
