/// The line of those who wait for memory: first come, first served, so that a large record is not passed over for ever.
struct MemoryQueue: Sendable {
    private struct Place {
        let ticket: UInt64
        let size: Int
        var isCalled = false
    }

    private var places: [Place] = []
    private var nextTicket: UInt64 = 0

    var isEmpty: Bool { places.isEmpty }

    /// Takes a place at the end.
    mutating func enqueue(_ size: Int) -> UInt64 {
        nextTicket += 1
        places.append(Place(ticket: nextTicket, size: size))
        return nextTicket
    }

    /// Whether the holder of the ticket, or somebody without one, may take memory before all others.
    func admits(_ ticket: UInt64?) -> Bool {
        guard let first = places.first else { return true }
        return first.ticket == ticket
    }

    mutating func leave(_ ticket: UInt64) {
        places.removeAll { $0.ticket == ticket }
    }

    /// The first in line, if there is enough memory and it has not been called since it came to the front.
    ///
    /// A caller that finds after all that there is too little takes a new place through ``leave(_:)`` and
    /// ``enqueue(_:)``, or asks to be called again through ``callAgain(_:size:)``.
    mutating func call(free: Int) -> UInt64? {
        guard let first = places.first, !first.isCalled, first.size <= free else { return nil }
        places[0].isCalled = true
        return first.ticket
    }

    /// Keeps the place, for another size.
    mutating func callAgain(_ ticket: UInt64, size: Int) {
        guard let index = places.firstIndex(where: { $0.ticket == ticket }) else { return }
        places[index] = Place(ticket: ticket, size: size)
    }
}
