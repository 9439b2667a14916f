type SensesByLabel = Readonly<Record<string, readonly [string, ...string[]]>>

/**
 * The 80 classes of COCO (Lin et al. 2014), as the detector of the basic pack names them, each with the WordNet senses
 * that photographs of the class show: the mouse is the one beside the keyboard. The first is the class itself; others
 * widen it to what is filed under it (mugs under cup, men and women under person), what it is there as (a pet), and
 * what kind of thing it is, after the supercategories of COCO: people search for animals more than for ungulates.
 */
export const LABEL_SENSES: SensesByLabel = {
  person: [
    'person%1:03:00::',
    'man%1:18:00::',
    'woman%1:18:00::',
    'child%1:18:00::',
    'boy%1:18:00::',
    'girl%1:18:00::',
    'homo%1:05:00::',
    'people%1:14:00::',
  ],
  'traffic light': ['traffic_light%1:10:00::'],
  'fire hydrant': ['fire_hydrant%1:06:00::'],
  'stop sign': ['street_sign%1:10:00::', 'traffic_light%1:10:00::'],
  'parking meter': ['parking_meter%1:06:00::'],
  tie: ['tie%1:06:01::'],
  umbrella: ['umbrella%1:06:00::'],
  'potted plant': ['houseplant%1:20:00::', 'pot_plant%1:20:00::', 'flowerpot%1:06:00::', 'flower%1:20:00::'],
  toilet: ['toilet%1:06:01::'],
  sink: ['sink%1:06:00::'],
  book: ['book%1:06:00::', 'book%1:10:00::'],
  clock: ['clock%1:06:00::'],
  vase: ['vase%1:06:00::'],
  scissors: ['scissors%1:06:00::'],
  'teddy bear': ['teddy%1:06:01::'],
  kite: ['kite%1:06:00::'],
  'hair drier': ['hand_blower%1:06:00::'],
  toothbrush: ['toothbrush%1:06:00::'],
  bottle: ['bottle%1:06:00::'],
  ...ofKind(['vehicle%1:06:00::'], {
    bicycle: ['bicycle%1:06:00::'],
    car: ['car%1:06:00::'],
    motorcycle: ['motorcycle%1:06:00::'],
    airplane: ['airplane%1:06:00::'],
    bus: ['bus%1:06:00::'],
    train: ['train%1:06:00::', 'locomotive%1:06:00::'],
    truck: ['truck%1:06:00::'],
    boat: ['boat%1:06:00::', 'ship%1:06:00::'],
  }),
  ...ofKind(['animal%1:03:00::'], {
    bird: ['bird%1:05:00::'],
    cat: ['cat%1:05:00::', 'kitten%1:05:00::', 'pet%1:05:00::'],
    dog: ['dog%1:05:00::', 'puppy%1:05:00::', 'pet%1:05:00::'],
    horse: ['horse%1:05:00::', 'livestock%1:05:00::'],
    sheep: ['sheep%1:05:00::', 'lamb%1:05:00::', 'livestock%1:05:00::'],
    cow: ['cattle%1:05:00::', 'livestock%1:05:00::'],
    elephant: ['elephant%1:05:00::'],
    bear: ['bear%1:05:00::'],
    zebra: ['zebra%1:05:00::'],
    giraffe: ['giraffe%1:05:00::'],
  }),
  ...ofKind(['baggage%1:06:00::'], {
    backpack: ['backpack%1:06:00::'],
    handbag: ['handbag%1:06:00::'],
    suitcase: ['suitcase%1:06:00::'],
  }),
  ...ofKind(['sports_equipment%1:06:00::'], {
    frisbee: ['frisbee%1:06:00::'],
    skis: ['ski%1:06:00::', 'skiing%1:04:00::'],
    snowboard: ['snowboard%1:06:00::', 'skiing%1:04:00::'],
    'sports ball': ['ball%1:06:01::'],
    'baseball bat': ['baseball_bat%1:06:00::'],
    'baseball glove': ['baseball_glove%1:06:00::'],
    skateboard: ['skateboard%1:06:00::'],
    surfboard: ['surfboard%1:06:00::', 'surfing%1:04:00::'],
    'tennis racket': ['tennis_racket%1:06:00::'],
  }),
  ...ofKind(['tableware%1:06:00::'], {
    'wine glass': ['wineglass%1:06:00::'],
    cup: ['cup%1:06:00::', 'mug%1:06:00::'],
    fork: ['fork%1:06:00::'],
    knife: ['knife%1:06:00::'],
    spoon: ['spoon%1:06:00::'],
    bowl: ['bowl%1:06:01::', 'bowl%1:06:00::'],
  }),
  ...ofKind(['food%1:03:00::', 'food%1:13:00::'], {
    banana: ['banana%1:13:00::'],
    apple: ['apple%1:13:00::'],
    sandwich: ['sandwich%1:13:00::'],
    orange: ['orange%1:13:00::'],
    broccoli: ['broccoli%1:13:00::'],
    carrot: ['carrot%1:13:00::'],
    'hot dog': ['hot_dog%1:13:02::'],
    pizza: ['pizza%1:13:00::'],
    donut: ['donut%1:13:00::', 'pastry%1:13:00::'],
    cake: ['cake%1:13:00::', 'dessert%1:13:00::'],
  }),
  ...ofKind(['furniture%1:06:00::'], {
    chair: ['chair%1:06:00::'],
    couch: ['couch%1:06:00::'],
    bed: ['bed%1:06:00::'],
    'dining table': ['dining_table%1:06:00::'],
    bench: ['bench%1:06:00::'],
  }),
  ...ofKind(['electronic_device%1:06:00::'], {
    tv: ['tv%1:06:00::'],
    laptop: ['laptop%1:06:00::', 'personal_computer%1:06:00::'],
    mouse: ['mouse%1:06:00::'],
    remote: ['remote%1:06:00::'],
    keyboard: ['computer_keyboard%1:06:00::'],
    'cell phone': ['cellular_telephone%1:06:00::'],
  }),
  ...ofKind(['home_appliance%1:06:00::'], {
    microwave: ['microwave%1:06:00::'],
    oven: ['oven%1:06:00::', 'stove%1:06:00::'],
    toaster: ['toaster%1:06:00::'],
    refrigerator: ['refrigerator%1:06:00::'],
  }),
}

function ofKind(kinds: readonly string[], labels: SensesByLabel): SensesByLabel {
  return Object.fromEntries(
    Object.entries(labels).map(([label, [sense, ...others]]) => [label, [sense, ...others, ...kinds]] as const),
  )
}
